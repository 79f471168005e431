import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../bench/config/config.ts';
import { equalLoads } from '../../bench/plan/equal-load.ts';
import { makeWish } from '../../bench/plan/make-plan.ts';
import { planTrials } from '../../bench/plan/plan.ts';
import { tcpEqualLoad } from '../../bench/workloads/tcp-equal-load.ts';
import { inWords } from '../../results/reasons.ts';
import { summarise } from '../../results/summarise.ts';
import { equalLoadMetric } from '../../results/traits.ts';
import { cpu, metric, okTrial, plan, readyScenario, run } from './results-builders.ts';
import { testPair } from './workload-pair.ts';

const trial = (scenario: string, goodput: number, change = {}) =>
  okTrial({ scenario, metrics: [metric('goodput', goodput)], ...change });

describe('equalLoads', () => {
  it('is four fifths of the median of the slowest network', () => {
    const trials = [
      ...[9e9, 10e9, 11e9].map((goodput) => trial('same-host/host', goodput)),
      ...[4e9, 5e9, 9e9].map((goodput) => trial('same-host/bridge', goodput)),
    ];
    expect(equalLoads(plan(), 'tcp-stream', trials)).toEqual({ 'same-host': 4e9 });
  });
  it('leaves out warm-up, other workloads and trials that don’t count', () => {
    const trials = [
      trial('same-host/host', 10e9),
      trial('same-host/bridge', 1e9, { block: -1 }),
      trial('same-host/bridge', 1e9, { workload: 'tcp-stream-reverse' }),
      { ...trial('same-host/bridge', 1e9), status: 'invalid' as const, reason: inWords('r') },
    ];
    expect(equalLoads(plan(), 'tcp-stream', trials)).toEqual({ 'same-host': 8e9 });
    expect(equalLoads(plan(), 'tcp-stream', [])).toEqual({});
  });
  it('tells the arms of a live comparison apart, though both have the same scenarios', () => {
    const arms = (['base', 'head'] as const).map((arm) => ({ ...readyScenario('same-host', 'bridge'), arm }));
    const trials = [
      ...[9e9, 10e9, 11e9].map((goodput) => trial('same-host/bridge', goodput, { arm: 'base' })),
      ...[4e9, 5e9, 6e9].map((goodput) => trial('same-host/bridge', goodput, { arm: 'head' })),
    ];
    expect(equalLoads(plan({ scenarios: arms }), 'tcp-stream', trials)).toEqual({ 'same-host': 4e9 });
  });
});

it('comes last in every block, and brings the pass that tells its rate', () => {
  const { workloads } = makeWish(
    resolveConfig({ equalLoad: true, scenarios: ['same-host/bridge'], workloads: ['tcp-rr'] }),
  );
  const ids = workloads.map(({ id }) => id);
  expect(ids).toEqual(['tcp-stream', 'tcp-equal-load', 'tcp-rr']);
  for (const seed of [1, 2, 3]) {
    const trials = planTrials(
      plan({ seed, workloads: ids.map((id) => ({ id, durationSeconds: 1, omitSeconds: 0 })) }),
    );
    for (let block = 0; block < 4; block++) {
      const own = trials.filter((each) => each.block === block).map(({ workload }) => workload);
      const last = own.lastIndexOf('tcp-stream');
      expect(own.indexOf('tcp-equal-load')).toBeGreaterThan(Math.max(last, own.lastIndexOf('tcp-rr')));
    }
  }
});

it('fails a trial whose rate nobody knows', async () => {
  const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1 };
  expect(await tcpEqualLoad.measure(testPair, settings)).toMatchObject({ type: 'failed' });
});

it.each([
  ['its plan says that it is at equal load', 'tcp-equal-load', { atEqualLoadOf: 'tcp-stream' }],
  ['another workload’s plan says it', 'other', { atEqualLoadOf: 'tcp-stream' }],
  ['its run is of before plans said it', 'tcp-equal-load', undefined],
  ['its run is of before plans said that of it', 'tcp-equal-load', { primaryMetric: equalLoadMetric }],
])('is shown by its CPU time, which is named for what it is, where %s', (_, workload, traits) => {
  const workloads = [{ id: workload, durationSeconds: 1, omitSeconds: 0, ...(traits && { traits }) }];
  const trials = ['same-host/host', 'same-host/bridge', 'same-host/host'].map((scenario, order) =>
    trial(scenario, 1e9, { order, workload, cpu: [cpu()], payloadBytes: 1e9 }),
  );
  const { topologies } = summarise({ run: run({ plan: plan({ workloads }) }), trials });
  const [host] = topologies[0]?.scenarios ?? [];
  const metrics = host && host.status !== 'unsupported' ? host.workloads[0]?.metrics : [];
  expect(metrics?.map(({ name }) => name)).toEqual(['cpu-per-gb-at-equal-load', 'goodput']);
  expect(metrics?.[0]).toMatchObject({ unit: 's/GB', better: 'lower', derived: true });
});
