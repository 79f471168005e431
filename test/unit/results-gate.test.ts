import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../results/compare.ts';
import { Failure } from '../../results/failure.ts';
import { defaultGateOptions, type GateOptions, gateLive, gateStored } from '../../results/gate.ts';
import { compareArms } from '../../results/live.ts';
import type { Fingerprint, Run, RunRecord, Trial } from '../../results/schema.ts';
import { noise } from '../../results/statistics/random.ts';
import { looks } from '../../results/statistics/sequential.ts';
import { summarise } from '../../results/summarise.ts';
import type { RunSummary } from '../../results/summary.ts';
import { cpu, metric, okTrial, plan, readyScenario, run } from './results-builders.ts';

const host = 'same-host/host';
const bridge = 'same-host/bridge';

interface Made {
  readonly blocks: number;
  /** Ratio by which the bridge is worse than it was. */
  readonly worse?: number;
  readonly deviation?: number;
  readonly seed?: number;
  /** How fast the whole machine is. */
  readonly speed?: number;
  readonly run?: Partial<Run>;
  readonly workload?: string;
}

/** A stored run: host, bridge, host in each block. */
function stored({ blocks, worse = 0, deviation = 0.01, seed = 1, speed = 1, ...rest }: Made): RunSummary {
  const source = noise(seed);
  const value = (scenario: string): number =>
    (1e10 * speed * Math.exp(deviation * source.heavy())) / (scenario === bridge ? 1.2 * (1 + worse) : 1);
  const trials = Array.from({ length: blocks }, (_, block) =>
    [host, bridge, host].map((scenario, place) =>
      okTrial({
        block,
        order: 3 * block + place,
        scenario,
        workload: rest.workload ?? 'tcp-stream',
        metrics: [
          metric('goodput', value(scenario)),
          metric('mss', 1448, { better: 'neither', unit: 'byte' }),
        ],
      }),
    ),
  ).flat();
  const workloads = [{ id: rest.workload ?? 'tcp-stream', durationSeconds: 1, omitSeconds: 0 }];
  return summarise({ run: run({ plan: plan({ workloads }), ...rest.run }), trials });
}

/** A live run: base, head, base of host and bridge in each block. */
function live({
  blocks,
  worse = 0,
  deviation = 0.01,
  seed = 1,
  hostWorse = 0,
}: Made & { hostWorse?: number }): RunRecord {
  const source = noise(seed);
  const trials: Trial[] = [];
  for (let block = 0; block < blocks; block += 1) {
    for (const [chain, scenario] of [host, bridge].entries()) {
      for (const arm of ['base', 'head', 'base'] as const) {
        const slow = arm === 'base' ? 0 : scenario === host ? hostWorse : worse;
        const goodput = (1e10 * Math.exp(deviation * source.heavy())) / (1 + slow);
        trials.push(
          okTrial({
            block,
            chain,
            order: trials.length,
            scenario,
            arm,
            metrics: [metric('goodput', goodput)],
          }),
        );
      }
    }
  }
  return { run: run({ id: 'live' }), trials };
}

const options = (change: Partial<GateOptions>): GateOptions => ({ ...defaultGateOptions, ...change });

describe('the gate against a stored baseline', () => {
  it('passes what did not change, on a machine half as fast in the meantime', () => {
    const result = gateStored(stored({ blocks: 8 }), stored({ blocks: 8, seed: 2, speed: 0.7 }));
    expect(result.verdict).toBe('pass');
    expect(result.metrics).toHaveLength(1);
    expect(result.metrics[0]).toMatchObject({
      scenario: bridge,
      workload: 'tcp-stream',
      metric: 'goodput',
      verdict: 'pass',
    });
    expect(result.metrics[0]?.shift.estimate).toBeCloseTo(0, 1);
  });

  it('calls a regression, and by how much', () => {
    const result = gateStored(stored({ blocks: 8 }), stored({ blocks: 8, seed: 2, worse: 0.1 }));
    expect(result.verdict).toBe('regressed');
    expect(result.metrics[0]?.shift.estimate).toBeCloseTo(0.1, 1);
    expect(result.metrics[0]?.shift.interval?.low).toBeGreaterThan(0.03);
  });

  it('calls an improvement', () => {
    const result = gateStored(stored({ blocks: 8, worse: 0.1 }), stored({ blocks: 8, seed: 2 }));
    expect(result.verdict).toBe('improved');
    expect(result.metrics[0]?.shift.estimate).toBeLessThan(-0.05);
  });

  it('says that it does not know, and how many blocks would decide', () => {
    const result = gateStored(
      stored({ blocks: 100, deviation: 0.01 }),
      stored({ blocks: 6, deviation: 0.06, seed: 3 }),
    );
    expect(result.verdict).toBe('inconclusive');
    expect(result.metrics[0]?.undecided).toBe('interval-includes-delta');
    expect(result.blocksToDecide).toBeGreaterThan(6);
    expect(result.blocksToDecide).toBe(result.metrics[0]?.blocksToDecide);
  });

  it('never decides from too few blocks, however clear they look', () => {
    const few = gateStored(stored({ blocks: 3 }), stored({ blocks: 3, seed: 2, worse: 1 }));
    expect(few.verdict).toBe('inconclusive');
    expect(few.metrics[0]?.undecided).toBe('too-few-blocks');
  });

  it('is invalid where the host itself is another', () => {
    const result = gateStored(stored({ blocks: 8 }), stored({ blocks: 8, seed: 2, speed: 0.4 }));
    expect(result.verdict).toBe('invalid');
    expect(result.reason).toContain('same-host/host itself moved by');
    expect(result.controls[0]?.holds).toBe(false);
    expect(result.remedy).toContain('compare live');
  });

  it('judges by another delta where one is given', () => {
    const runs = [stored({ blocks: 8 }), stored({ blocks: 8, seed: 2, worse: 0.1 })] as const;
    const result = gateStored(...runs, options({ deltas: [{ metrics: 'tcp-*:goodput', delta: 0.2 }] }));
    expect(result.verdict).toBe('pass');
    expect(result.metrics[0]?.delta).toBe(0.2);
  });
});

describe('what cannot be compared', () => {
  const base = stored({ blocks: 8 });
  const refusal = (head: RunSummary, was = base) => {
    const result = gateStored(was, head);
    expect(result.verdict).toBe('invalid');
    expect(result.remedy).toBeTruthy();
    return result.reason;
  };

  it('an unfinished run', () => {
    expect(refusal(stored({ blocks: 8, run: { id: 'x', state: 'interrupted' } }))).toBe(
      'the head run x: it is interrupted, not finished',
    );
  });

  it('other machines, with the differences first', () => {
    const fingerprint = (facts: Record<string, string>): Fingerprint => ({
      engine: 'local',
      role: 'same-host',
      engineVersion: '26.1.5',
      apiVersion: '1.45',
      machine: 'boot',
      kernel: '6.1',
      emulated: false,
      imageId: 'sha256:1',
      facts: { 'sysctl/net.netfilter.nf_conntrack_count': String(Math.random()), ...facts },
    });
    const on = (model: string, kernel: string) =>
      stored({ blocks: 8, run: { fingerprints: [{ ...fingerprint({ 'cpu/model': model }), kernel }] } });
    expect(refusal(on('B', '6.1'), on('A', '6.1'))).toBe('the machines: cpu/model of same-host: A → B');
    const upgraded = gateStored(on('A', '6.1'), on('A', '6.12'));
    expect(upgraded.verdict).toBe('pass');
    expect(upgraded.differences).toEqual([
      { role: 'same-host', fact: 'kernel', base: '6.1', head: '6.12', isOtherMachine: false },
    ]);
    expect(upgraded.warnings).toHaveLength(1);
  });

  it('an emulated kernel', () => {
    expect(refusal(stored({ blocks: 8, run: { emulated: true } }))).toContain('emulated');
  });

  it('other topologies', () => {
    const crossHost = plan({ scenarios: [readyScenario('cross-host', 'host', true)], baselines: {} });
    expect(refusal(stored({ blocks: 8, run: { plan: crossHost } }))).toContain(
      'has same-host, the head run cross-host',
    );
  });

  it('other scenarios', () => {
    const macvlan = plan({
      scenarios: [readyScenario('same-host', 'host', true), readyScenario('same-host', 'macvlan')],
    });
    const comparability = compareRuns(base, stored({ blocks: 8, run: { plan: macvlan } }));
    expect(comparability.metrics).toEqual([]);
    expect(comparability.refusals[0]?.reason).toContain('no figure in common');
    expect(comparability.refusals[1]?.reason).toContain('no figures in the head run');
  });

  it('other workloads, durations or offered load', () => {
    expect(refusal(stored({ blocks: 8, workload: 'tcp-rr' }))).toContain('no figure in common');
    const longer = plan({ workloads: [{ id: 'tcp-stream', durationSeconds: 5, omitSeconds: 0 }] });
    expect(compareRuns(base, stored({ blocks: 8, run: { plan: longer } })).refusals[1]?.reason).toBe(
      'its trials last 1 s in the baseline run and 5 s in the head run',
    );
    const udp = { workloads: [{ id: 'udp-load', durationSeconds: 1, omitSeconds: 0 }] };
    const offered = (offeredBitsPerSecond: number) =>
      stored({ blocks: 8, workload: 'udp-load', run: { plan: plan({ ...udp, offeredBitsPerSecond }) } });
    expect(compareRuns(offered(1e9), offered(2e9)).refusals[1]?.reason).toContain(
      '2000000000 bit/s in the head run',
    );
  });

  it('a metric that no pattern names, and a pattern that names none', () => {
    const result = gateStored(base, stored({ blocks: 8, seed: 2 }), options({ metrics: ['tcp-rr:*'] }));
    expect(result).toMatchObject({
      verdict: 'invalid',
      reason: 'no metric fits the declared gating metrics',
    });
    expect(() => gateStored(base, base, options({ metrics: ['goodput'] }))).toThrow(Failure);
  });

  it('a workload measured in some blocks only does not gate, unless it is named', () => {
    const workloads = [{ id: 'tcp-stream', durationSeconds: 1, omitSeconds: 0, everyBlocks: 3 }];
    const seldom = (seed: number, worse = 0) =>
      stored({ blocks: 12, seed, worse, run: { plan: plan({ workloads }) } });
    expect(compareRuns(seldom(1), seldom(2)).metrics.map(({ isPrimary }) => isPrimary)).toEqual([false]);
    expect(gateStored(seldom(1), seldom(2, 0.3)).metrics).toEqual([]);
    const named = { ...defaultGateOptions, metrics: ['tcp-stream:goodput'] };
    expect(gateStored(seldom(1), seldom(2, 0.3), named).verdict).toBe('regressed');
  });

  it('does not matter where the gating metrics are others', () => {
    const both = plan({
      scenarios: [...plan().scenarios, readyScenario('same-host', 'macvlan')],
      workloads: [{ id: 'tcp-stream', durationSeconds: 1, omitSeconds: 0 }],
    });
    const withMore = stored({ blocks: 8, run: { plan: both } });
    const extra = okTrial({ scenario: 'same-host/macvlan', block: 0, order: 100, chain: 3 });
    const more = summarise({ run: withMore.run, trials: [extra] });
    const merged: RunSummary = {
      ...withMore,
      topologies: withMore.topologies.map((topology) => ({
        ...topology,
        scenarios: topology.scenarios.map(
          (each) => (each.id === 'same-host/macvlan' && more.topologies[0]?.scenarios.at(-1)) || each,
        ),
      })),
    };
    expect(gateStored(base, merged).reason).toContain(
      'same-host/macvlan: it has no figures in the baseline run',
    );
    const declared = options({ metrics: ['same-host/bridge:tcp-stream:goodput'] });
    expect(gateStored(base, merged, declared).verdict).toBe('pass');
  });
});

describe('the live gate', () => {
  it('passes, calls a regression, and says when it does not know', () => {
    expect(gateLive(compareArms(live({ blocks: 12 }))).verdict).toBe('pass');
    expect(gateLive(compareArms(live({ blocks: 12, worse: 0.1 }))).verdict).toBe('regressed');
    const noisy = gateLive(compareArms(live({ blocks: 12, worse: 0.03, deviation: 0.1 })));
    expect(noisy.verdict).toBe('inconclusive');
    expect(gateLive(compareArms(live({ blocks: 5, worse: 0.5 }))).verdict).toBe('inconclusive');
  });

  it('gates the load that is equal by design by its CPU time, and what is measured seldom by nothing', () => {
    const record = live({ blocks: 8 });
    const named = (workload: string, everyBlocks?: number): RunRecord => {
      const workloads = [
        { id: workload, durationSeconds: 1, omitSeconds: 0, ...(everyBlocks && { everyBlocks }) },
      ];
      return {
        run: { ...record.run, plan: { ...record.run.plan, workloads } },
        trials: record.trials.map((trial) => ({
          ...trial,
          workload,
          payloadBytes: 1e9,
          cpu: [cpu()],
        })) as Trial[],
      };
    };
    const primary = (of: RunRecord) =>
      compareArms(of)
        .metrics.filter(({ isPrimary }) => isPrimary)
        .map(({ metric: name }) => name);
    expect(primary(named('tcp-stream'))).toEqual(['goodput']);
    expect(primary(named('tcp-equal-load'))).toEqual(['cpu-per-gb-at-equal-load']);
    expect(primary(named('tcp-stream', 2))).toEqual([]);
  });

  it('is invalid where the host differs between the arms', () => {
    const result = gateLive(compareArms(live({ blocks: 12, hostWorse: 0.1 })));
    expect(result.verdict).toBe('invalid');
    expect(result.reason).toContain('the host, which is the same in both arms, differs by −8.7 % in goodput');
  });

  it('says so where there is no control', () => {
    const record = live({ blocks: 12 });
    const trials = record.trials.filter((trial) => trial.scenario === bridge);
    const result = gateLive(compareArms({ ...record, trials }));
    expect(result.verdict).toBe('pass');
    expect(result.warnings[0]).toContain('no host arm');
  });

  it('asks for more evidence at an early look than at the end', () => {
    const comparison = compareArms(live({ blocks: 8, worse: 0.1 }));
    expect(gateLive(comparison).verdict).toBe('regressed');
    const early = gateLive(comparison, defaultGateOptions, { index: 0, looks });
    expect(early.verdict).toBe('inconclusive');
    expect(early.metrics[0]?.undecided).toBe('too-few-blocks-for-so-many');
    expect(gateLive(compareArms(live({ blocks: 8 })), defaultGateOptions, { index: 0, looks }).verdict).toBe(
      'pass',
    );
  });

  it('compares scenarios whose options differ, and refuses those without a counterpart', () => {
    const record = live({ blocks: 8 });
    const mtu = `${bridge}@mtu=1400`;
    const scenarios = [...record.run.plan.scenarios, { ...readyScenario('same-host', 'bridge'), id: mtu }];
    const renamed = (to: string): RunRecord => ({
      run: { ...record.run, plan: { ...record.run.plan, scenarios } },
      trials: record.trials.map((trial) =>
        trial.arm === 'head' && trial.scenario === bridge ? { ...trial, scenario: to } : trial,
      ),
    });
    expect(gateLive(compareArms(renamed(mtu))).metrics[0]).toMatchObject({ scenario: mtu, verdict: 'pass' });
    const strange = compareArms(renamed('same-host/macvlan'));
    expect(strange.refusals.map((each) => each.reason)).toEqual([
      'it stands in the head arm only',
      'it stands in the base arm only',
    ]);
    expect(gateLive(strange).verdict).toBe('invalid');
    expect(gateLive(compareArms({ ...record, trials: [] })).reason).toContain('no two arms');
  });
});
