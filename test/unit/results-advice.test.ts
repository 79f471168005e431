import { describe, expect, it } from 'vitest';
import { needsFrom } from '../../bench/commands/advise.ts';
import { costsByScenario } from '../../bench/studies/synthetic/model.ts';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { networks } from '../../drivers/registry.ts';
import { type Advice, advise } from '../../results/advice.ts';
import { type NeedId, needIds, readyNeeds } from '../../results/advice-needs.ts';
import { summarise } from '../../results/summarise.ts';
import type { CostMeasure } from '../../results/traits.ts';
import { traitsOf } from '../../results/traits-of.ts';

function adviceFor(needs: readonly NeedId[], options: SyntheticOptions = {}, measure = 'throughput'): Advice {
  const record = syntheticRun({
    blocks: 8,
    workloads: ['tcp-stream', 'tcp-rr', 'rtt', 'tcp-crr'],
    scenarios: Object.keys(costsByScenario),
    unsupported: ['cross-host/ipvlan-l2'],
    ...options,
  });
  return advise(summarise(record), needs, measure as CostMeasure, networks);
}

const names = ({ networks }: Advice) => networks.map(({ scenario }) => scenario);

describe('advice', () => {
  it('orders what qualifies by its measured cost', () => {
    const advice = adviceFor(['multi-host', 'name-resolution']);
    expect(names(advice)).toEqual(['cross-host/overlay', 'cross-host/overlay-encrypted']);
    const costs = advice.networks.map(({ cost }) => cost?.estimate ?? 0);
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
    expect(advice.networks[0]?.isTied).toBe(false);
    expect(advice.networks[1]?.isTied).toBe(false);
    expect(advice.networks.every(({ givesUp, proof }) => givesUp.length > 0 && proof === 'proven')).toBe(
      true,
    );
  });

  it('follows the figures of the run and not its own opinion', () => {
    const slow = { slowdowns: { 'cross-host/overlay': 20 } };
    expect(names(adviceFor(['multi-host', 'name-resolution'], slow))).toEqual([
      'cross-host/overlay-encrypted',
      'cross-host/overlay',
    ]);
  });

  it('lets nothing through that lacks a need', () => {
    expect(names(adviceFor(['multi-host', 'encrypted']))).toEqual(['cross-host/overlay-encrypted']);
    expect(names(adviceFor(['multi-host', 'physical-identity']))).toEqual(['cross-host/macvlan']);
    expect(names(adviceFor(['isolation', 'published-ports']))).toEqual([
      'same-host/bridge-published',
      'same-host/bridge-proxy',
    ]);
    const none = adviceFor(['encrypted', 'physical-identity', 'multi-host']);
    expect([none.networks, none.unmeasured, none.figure]).toEqual([[], [], undefined]);
  });

  it('counts the baseline in, at no cost', () => {
    const [first] = adviceFor(['multi-host', 'published-ports']).networks;
    expect(first).toMatchObject({ scenario: 'cross-host/host' });
    expect(first?.cost).toBeUndefined();
  });

  it('says what the run cannot tell apart', () => {
    const alike = adviceFor(['isolation'], { blocks: 6 });
    const bridges = alike.networks.filter(({ driver }) =>
      ['bridge', 'bridge-default', 'overlay'].includes(driver),
    );
    expect(bridges).toHaveLength(3);
    expect(alike.networks.at(-1)).toMatchObject({ driver: 'bridge-proxy', isTied: false });
    const single = adviceFor(['isolation'], { blocks: 1 });
    expect(single.networks.every(({ isTied }) => isTied)).toBe(true);
    expect(single.tiedCostAtMost).toBeUndefined();
  });

  it('takes the figure that the run has', () => {
    expect(adviceFor(['multi-host'], {}, 'latency').figure).toEqual({
      workload: 'rtt',
      metric: 'rtt-p50',
      baseline: 'cross-host/host',
    });
    expect(adviceFor(['multi-host'], { workloads: ['tcp-rr'] }, 'latency').figure?.workload).toBe('tcp-rr');
    expect(adviceFor(['multi-host'], {}, 'cpu').figure?.metric).toBe('cpu-per-gb');
    expect(adviceFor(['multi-host'], {}, 'connections').figure?.metric).toBe('connections');
  });

  it.each([
    ['was not planned', { scenarios: ['cross-host/host'], unsupported: [] }, 'not in this run'],
    [
      'is not supported',
      { scenarios: ['cross-host/host'], unsupported: ['cross-host/overlay-encrypted'] },
      'not supported here: the kernel has no ESP',
    ],
    ['is invalid', { invalidShare: 1 }, 'the packets took another path'],
    ['failed', { failedShare: 1 }, 'Connection refused'],
    ['has another workload', { workloads: ['tcp-rr'] }, 'no figure for throughput'],
    ['has no baseline', { scenarios: ['cross-host/overlay-encrypted'] }, 'no figure for throughput'],
  ] as const)('ranks nothing that %s, and says so', (_, options, words) => {
    const advice = adviceFor(['multi-host', 'encrypted'], options as SyntheticOptions);
    expect(advice.networks).toEqual([]);
    expect(advice.unmeasured).toEqual([
      { scenario: 'cross-host/overlay-encrypted', reason: expect.stringContaining(words) },
    ]);
  });

  it('ranks nothing of an emulated kernel', () => {
    const record = syntheticRun({ blocks: 6 });
    const summary = summarise({ ...record, run: { ...record.run, emulated: true } });
    const advice = advise(summary, ['multi-host'], 'throughput', networks);
    expect(advice.networks).toEqual([]);
    expect(advice.unmeasured[0]?.reason).toContain('emulated');
  });
});

describe('the traits of networks', () => {
  it('are known of older runs, which recorded none, as they are of the drivers', () => {
    const recorded = networks.filter(({ topology, driver }) => traitsOf({ topology, driver }));
    expect(recorded).toHaveLength(18);
    for (const { topology, driver, traits } of recorded) {
      const older = Object.entries({ ...traitsOf({ topology, driver }) }).filter(
        ([, value]) => value !== false,
      );
      expect(Object.fromEntries(older), driver).toEqual(
        Object.fromEntries(Object.entries(traits).filter(([, value]) => value !== false)),
      );
    }
    expect(traitsOf({ topology: 'same-host', driver: 'constructor' })).toBeUndefined();
  });

  it('leave each ready need and each need satisfiable', () => {
    const summary = summarise(
      syntheticRun({ blocks: 6, scenarios: Object.keys(costsByScenario), unsupported: [] }),
    );
    for (const { needs } of readyNeeds) {
      const advice = advise(summary, needs, 'throughput', networks);
      expect(advice.networks.length + advice.unmeasured.length).toBeGreaterThan(0);
    }
    for (const need of needIds)
      expect(advise(summary, [need, 'multi-host'], 'throughput', networks).networks.length).toBeGreaterThan(
        0,
      );
  });

  it('are asked for by flags', () => {
    expect(needsFrom({ multiHost: true, encrypted: true, run: 'latest' })).toEqual([
      'multi-host',
      'encrypted',
    ]);
    expect(needsFrom({ withoutSwarm: true, physicalIdentity: true })).toEqual([
      'physical-identity',
      'without-swarm',
    ]);
    expect(needsFrom({})).toEqual([]);
  });
});
