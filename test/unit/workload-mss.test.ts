import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../bench/config/config.ts';
import { selectScenarios } from '../../bench/config/selection.ts';
import { makePlan, makeWish } from '../../bench/plan/make-plan.ts';
import { kinds, measured } from '../../bench/workloads/metrics.ts';
import { busiestMss, withEffectiveMss } from '../../bench/workloads/tools/effective-mss.ts';
import { iperf3Argv, runIperf3 } from '../../bench/workloads/tools/iperf3.ts';
import { inWords } from '../../results/reasons.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const fixture = (path: string) => readFile(join(import.meta.dirname, '../fixtures/tools', path), 'utf8');
const bounded = {
  ...testPair,
  scenario: parseScenarioId('cross-host/host@mss=1410') as Scenario,
};
const time = { durationSeconds: 1, omitSeconds: 0 };

describe('the segment size of a test', () => {
  it('is read of the connection that carries the data', async () => {
    // Made by ss of iproute2 while one connection was idle and another, with TCP_MAXSEG 1410, sent; see the README there.
    expect(busiestMss(await fixture('ss/busy-mss-1410.txt'))).toBe(1398);
  });

  it('is unknown where nothing was seen', () => {
    expect(busiestMss('')).toBeUndefined();
    expect(
      busiestMss('ESTAB 0 0 198.18.0.1:1 198.18.0.2:2\n\t cubic rcvmss:536 advmss:1448'),
    ).toBeUndefined();
  });

  it('goes before what the tool says, and a warning stands where it is unknown', () => {
    const outcome = {
      type: 'measured',
      metrics: [measured(kinds.goodput, 1e9), measured(kinds.mss, 1448)],
      warnings: [],
      raw: '',
    } as const;
    const told = withEffectiveMss(outcome, 1398);
    expect(told).toMatchObject({
      metrics: [{ name: 'goodput' }, { name: 'mss', value: 1398 }],
      warnings: [],
    });
    expect(withEffectiveMss(outcome, undefined)).toMatchObject({
      warnings: [{ code: 'segment-size-unread' }],
    });
    expect(withEffectiveMss({ type: 'failed', reason: inWords('x'), raw: '' }, 1398).type).toBe('failed');
  });

  it('is bounded by iperf3 over TCP only, and looked at while the test runs', async () => {
    const stream = { streams: 1, direction: 'forward' } as const;
    expect(iperf3Argv(bounded, stream, time).join(' ')).toContain(' -M 1410');
    expect(iperf3Argv(testPair, stream, time)).not.toContain('-M');
    const udp = { ...stream, udp: { bitsPerSecond: 1e6, datagramBytes: 1200 } };
    expect(iperf3Argv(bounded, udp, time)).not.toContain('-M');
    const json = await fixture('iperf3/tcp.json');
    const ss = await fixture('ss/busy-mss-1410.txt');
    const client = scripted((argv) => ({ ...endedWell, stdout: argv[0] === 'iperf3' ? json : ss }));
    const outcome = await runIperf3({ ...bounded, client }, stream, time);
    expect(outcome).toMatchObject({ type: 'measured' });
    expect(outcome.type === 'measured' && outcome.metrics.find(({ name }) => name === 'mss')?.value).toBe(
      1398,
    );
    expect(client.ran.map(([program]) => program)).toEqual(['iperf3', 'sh']);
  });
});

describe('a scenario with a bound on segments, or with several networks', () => {
  it('runs those workloads only that can bound them', () => {
    const wish = makeWish(
      resolveConfig({
        scenarios: ['cross-host/host@mss=1410'],
        workloads: ['tcp-stream', 'tcp-rr', 'udp-load'],
      }),
    );
    const plan = makePlan(wish, resolveConfig({}), () => ({ type: 'ready' }), 1);
    const excluded = plan.exclusions?.map(({ scenario, workload }) => `${scenario} ${workload}`);
    expect(excluded).toEqual(['cross-host/host@mss=1410 udp-load', 'cross-host/host@mss=1410 tcp-rr']);
    expect(plan.scenarios.map((each) => each.status === 'ready' && each.isBaseline)).toEqual([true, false]);
  });

  it.each([
    'cross-host/host@mss=0',
    'cross-host/host@mss=87',
    'cross-host/host@mss=abc',
    'cross-host/host@mss=99999',
    'same-host/bridge@networks=1',
    'same-host/bridge@networks=9',
    'same-host/bridge@networks=two',
  ])('refuses %s in one line', (id) => {
    expect(() => selectScenarios([id])).toThrow(/is no value for (mss|networks)/);
  });

  it.each(['cross-host/host@mss=88', 'cross-host/host@mss=8960', 'same-host/bridge@networks=2'])(
    'takes %s',
    (id) => {
      expect(selectScenarios([id]).map((each) => each.id)).toEqual([id]);
    },
  );
});
