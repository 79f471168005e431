import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTrials } from '../../bench/plan/plan.ts';
import type { Plan, ScenarioPlan } from '../../results/schema.ts';

function ready(id: string, more: Partial<ScenarioPlan> = {}): ScenarioPlan {
  const [topology, driver] = id.split('/') as ['same-host' | 'cross-host', string];
  return {
    id,
    topology,
    driver,
    options: {},
    status: 'ready',
    isBaseline: driver === 'host',
    ...more,
  } as ScenarioPlan;
}

function plan(overrides: Partial<Plan> = {}): Plan {
  return {
    profile: 'quick',
    seed: 7,
    blocks: 3,
    blocksPerGeneration: 3,
    scenarios: [
      'same-host/host',
      'same-host/bridge',
      'same-host/macvlan',
      'cross-host/host',
      'cross-host/overlay',
    ].map((id) => ready(id)),
    workloads: ['tcp-stream', 'tcp-rr'].map((id) => ({ id, durationSeconds: 1, omitSeconds: 0 })),
    baselines: { 'same-host': 'same-host/host', 'cross-host': 'cross-host/host' },
    offeredBitsPerSecond: 1e8,
    maxStealShare: 0.2,
    ...overrides,
  };
}

describe('planTrials', () => {
  it('puts the baseline on both sides of every scenario, with the same workload', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 1, max: 5 }),
        (seed, blocks) => {
          const trials = planTrials(plan({ seed, blocks }));
          for (const [index, trial] of trials.entries()) {
            if (trial.block < 0 || trial.scenario.endsWith('/host')) continue;
            for (const neighbour of [trials[index - 1], trials[index + 1]]) {
              expect(neighbour).toMatchObject({
                block: trial.block,
                chain: trial.chain,
                workload: trial.workload,
              });
              expect(neighbour?.scenario).toBe(`${trial.scenario.split('/')[0]}/host`);
            }
          }
        },
      ),
    );
  });

  it('runs every scenario with every workload once in each block', () => {
    const trials = planTrials(plan());
    for (let block = 0; block < 3; block++) {
      const seen = trials
        .filter((trial) => trial.block === block && !trial.scenario.endsWith('/host'))
        .map((trial) => `${trial.scenario} ${trial.workload}`);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(3 * 2);
    }
  });

  it('runs an occasional workload in the first of so many blocks only', () => {
    const workloads = [
      { id: 'tcp-stream', durationSeconds: 1, omitSeconds: 0 },
      { id: 'dns', durationSeconds: 1, omitSeconds: 0, everyBlocks: 3 },
    ];
    const trials = planTrials(plan({ workloads, blocks: 7 }));
    const blocksOf = (id: string) => [
      ...new Set(
        trials.filter((trial) => trial.workload === id && trial.block >= 0).map(({ block }) => block),
      ),
    ];
    expect(blocksOf('tcp-stream')).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(blocksOf('dns')).toEqual([0, 3, 6]);
  });

  it('gives the same order for the same seed and another for another', () => {
    expect(planTrials(plan())).toEqual(planTrials(plan()));
    expect(planTrials(plan())).not.toEqual(planTrials(plan({ seed: 8 })));
  });

  it('numbers trials without gaps, warm-up first', () => {
    const trials = planTrials(plan());
    expect(trials.map((trial) => trial.order)).toEqual(trials.map((_, index) => index));
    expect(trials[0]?.block).toBe(-1);
  });

  it('keeps pairs that can’t share a parent interface in chains of their own', () => {
    const scenarios = [
      'cross-host/host',
      'cross-host/macvlan',
      'cross-host/ipvlan-l2',
      'cross-host/ipvlan-l3',
      'cross-host/overlay',
    ];
    const trials = planTrials(plan({ scenarios: scenarios.map((id) => ready(id)) })).filter(
      (trial) => trial.block >= 0,
    );
    const chains = new Map<string, Set<string>>();
    for (const trial of trials) {
      const key = `${trial.block}/${trial.chain}`;
      chains.set(key, (chains.get(key) ?? new Set()).add(trial.scenario));
    }
    for (const members of chains.values()) {
      const claims = [...members].filter((id) => /vlan/.test(id));
      expect(claims.length).toBeLessThanOrEqual(1);
    }
  });

  it('leaves out combinations that make no sense, and unsupported scenarios', () => {
    const scenarios: ScenarioPlan[] = [
      ready('same-host/host'),
      ready('same-host/bridge'),
      {
        id: 'same-host/ipvlan-l2',
        topology: 'same-host',
        driver: 'ipvlan-l2',
        options: {},
        status: 'unsupported',
        reason: { code: 'said', text: 'r', remedy: 'm' },
      },
    ];
    const trials = planTrials(
      plan({ scenarios, exclusions: [{ scenario: 'same-host/bridge', workload: 'tcp-rr', reason: 'no' }] }),
    ).filter((trial) => trial.block >= 0);
    expect(trials.some((trial) => trial.scenario === 'same-host/ipvlan-l2')).toBe(false);
    expect(trials.some((trial) => trial.scenario === 'same-host/bridge' && trial.workload === 'tcp-rr')).toBe(
      false,
    );
    expect(
      trials.some((trial) => trial.scenario === 'same-host/bridge' && trial.workload === 'tcp-stream'),
    ).toBe(true);
  });

  it('measures a baseline that stands alone', () => {
    const trials = planTrials(plan({ scenarios: [ready('same-host/host')] })).filter(
      (trial) => trial.block >= 0,
    );
    expect(trials).toHaveLength(3 * 2);
  });

  it('sets two arms side by side, matched by driver, with the host as control in both', () => {
    const arm = (name: 'base' | 'head', id: string) => ready(id, { arm: name });
    const scenarios = [
      arm('base', 'same-host/host'),
      arm('base', 'same-host/bridge'),
      arm('head', 'same-host/host'),
      { ...arm('head', 'same-host/bridge'), id: 'same-host/bridge@mtu=1400', options: { mtu: '1400' } },
    ];
    const trials = planTrials(plan({ scenarios, blocks: 40 })).filter((trial) => trial.block >= 0);
    const outer = new Set<string>();
    for (let start = 0; start < trials.length; start += 5) {
      const chain = trials.slice(start, start + 5);
      expect(new Set(chain.map((trial) => `${trial.block} ${trial.chain} ${trial.workload}`)).size).toBe(1);
      const arms = chain.map((trial) => trial.arm).join(' ');
      expect(['base head base head base', 'head base head base head']).toContain(arms);
      outer.add(arms);
      const drivers = new Set(chain.map((trial) => trial.scenario.replace(/@.*/, '')));
      expect(drivers.size).toBe(1);
    }
    expect(outer.size).toBe(2);
  });
});
