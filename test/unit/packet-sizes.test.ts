import { describe, expect, it } from 'vitest';
import { mssText, mtuText, packetSizeSentence } from '../../reports/packet-sizes.ts';
import { rankAll } from '../../reports/ranking.ts';
import { jsonOutput } from '../../results/json-output.ts';
import type { PairFacts } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import { warningText } from '../../results/warning-text.ts';
import { metric, okTrial, plan, readyScenario, run } from './results-builders.ts';

const facts = (scenario: string, mtuBytes: number, more: Partial<PairFacts> = {}): PairFacts => ({
  scenario,
  mtuBytes,
  serverAddress: '198.19.0.2',
  path: [],
  ...more,
});

function summaryOf(
  pairs: readonly PairFacts[],
  arms: readonly ('base' | 'head' | undefined)[] = [undefined],
) {
  const ids = ['same-host/host', 'same-host/bridge', 'same-host/bridge-default'];
  const drivers = ['host', 'bridge', 'bridge-default'];
  const mss = metric('mss', 1448, { unit: 'byte', better: 'neither' });
  const trials = arms.flatMap((arm, round) =>
    ids.map((scenario, index) =>
      okTrial({
        order: round * 3 + index,
        scenario,
        ...(arm ? { arm } : {}),
        metrics: [metric('goodput', 1e9), ...(index === 1 ? [mss] : [])],
      }),
    ),
  );
  const scenarios = drivers.map((driver, index) => readyScenario('same-host', driver, index === 0));
  const record = {
    run: run({ plan: plan({ scenarios, baselines: { 'same-host': 'same-host/host' } }), pairs: [...pairs] }),
    trials,
  };
  return summarise(record);
}

const warnings = (summary: ReturnType<typeof summarise>) => summary.warnings.map(warningText);

describe('the sizes of packets', () => {
  const daemonMtu = [
    facts('same-host/host', 65_536),
    facts('same-host/bridge', 1500),
    facts('same-host/bridge-default', 1300),
  ];

  it('are told of each network, and a default bridge that is unlike the others is named', () => {
    const summary = summaryOf(daemonMtu);
    const [ranked] = rankAll(summary);
    if (!ranked) throw new Error('no topology');
    expect(packetSizeSentence(ranked)).toBe(
      'MTU 65,536 B of loopback: host; 1,500 B (MSS 1,448): bridge; 1,300 B: bridge-default',
    );
    expect(ranked.measured.map((each) => [mtuText(each), mssText(each)])).toEqual(
      expect.arrayContaining([
        ['65,536 (loopback)', '–'],
        ['1,500', '1,448'],
        ['1,300', '–'],
      ]),
    );
    expect(jsonOutput(summary).scenarios[1]).toMatchObject({ mtuBytes: 1500, mssBytes: 1448 });
    expect(warnings(summary).join(' ')).toContain(
      'Networks of same-host differ in MTU without having been asked to, so they send different numbers of packets: bridge has 1500, bridge-default has 1300.',
    );
  });

  it('belong to an arm', () => {
    const pairs = [
      facts('same-host/bridge', 1500, { arm: 'base', generation: 0 }),
      facts('same-host/bridge', 9000, { arm: 'head', generation: 0 }),
    ];
    const bridges = summaryOf(pairs, ['base', 'head']).topologies[0]?.scenarios.filter(({ id }) =>
      id.endsWith('/bridge'),
    );
    expect(bridges?.map((each) => each.status !== 'unsupported' && each.pair?.mtuBytes)).toEqual([
      1500, 9000,
    ]);
  });

  it('must not change as containers are made anew', () => {
    const pairs = [
      facts('same-host/bridge', 1500, { generation: 0 }),
      facts('same-host/bridge', 1400, { generation: 1 }),
    ];
    expect(warnings(summaryOf(pairs)).join(' ')).toContain(
      'The MTU of same-host/bridge changed while it was measured: 1500, then 1400 bytes.',
    );
  });

  it('are not mentioned where none was read', () => {
    const [ranked] = rankAll(summaryOf([]));
    expect(ranked && packetSizeSentence(ranked)).toBeUndefined();
  });
});
