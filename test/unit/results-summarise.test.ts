import { describe, expect, it } from 'vitest';
import { busySeconds, cpuMetrics } from '../../results/cpu-metrics.ts';
import { jsonOutput } from '../../results/json-output.ts';
import { inWords } from '../../results/reasons.ts';
import type { OkTrial, Plan, Run, ScenarioPlan, Trial, Witness } from '../../results/schema.ts';
import { recordHistogram } from '../../results/statistics/histogram.ts';
import { summarise } from '../../results/summarise.ts';
import type { MeasuredScenario, MetricSummary, RunSummary } from '../../results/summary.ts';
import { warningText } from '../../results/warning-text.ts';
import { type FoundWarning, type RunWarning, subjectOf, type TrialWarning } from '../../results/warnings.ts';
import { cpu, metric, okTrial, plan, readyScenario, run } from './results-builders.ts';

const host = 'same-host/host';
const bridge = 'same-host/bridge';

/** Trials in the order given; each is a scenario with its goodput, or a change to a trial. */
function chain(
  block: number,
  steps: readonly (Partial<OkTrial> & { scenario: string; goodput?: number })[],
): Trial[] {
  return steps.map(({ goodput, ...change }, i) =>
    okTrial({ block, order: block * 100 + i, metrics: [metric('goodput', goodput ?? 1e9)], ...change }),
  );
}

function failedTrial(trial: Trial, reason = 'no connection'): Trial {
  const { metrics, cpu, histogram, payloadBytes, transactions, witness, ...base } = trial as OkTrial;
  return { ...base, status: 'failed', reason: inWords(reason) };
}

function scenarioOf(summary: RunSummary, id: string): MeasuredScenario {
  const found = summary.topologies.flatMap((each) => each.scenarios).find((each) => each.id === id);
  if (!found || found.status === 'unsupported') throw new Error(`no measured ${id}`);
  return found;
}

function metricOf(summary: RunSummary, id: string, name = 'goodput'): MetricSummary {
  const found = scenarioOf(summary, id).workloads[0]?.metrics.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name} of ${id}`);
  return found;
}

const summariseTrials = (trials: readonly Trial[], change: Partial<Run> = {}): RunSummary =>
  summarise({ run: run(change), trials });

describe('an overhead', () => {
  it('compares each trial with the geometric mean of the baseline on both sides', () => {
    const summary = summariseTrials(
      chain(0, [
        { scenario: host, goodput: 8e9 },
        { scenario: bridge, goodput: 4e9 },
        { scenario: host, goodput: 2e9 },
      ]),
    );
    const goodput = metricOf(summary, bridge);
    expect(goodput.observations[0]?.baselineValue).toBeCloseTo(4e9, 0);
    expect(goodput.overhead?.estimate).toBeCloseTo(0, 12);
    expect(goodput.overhead?.interval).toBeUndefined();
    expect(goodput.noiseFloor).toBeUndefined();
  });

  it('is positive where the scenario is worse, whichever direction is better', () => {
    const trials = [0, 1, 2, 3].flatMap((block) =>
      chain(block, [
        {
          scenario: host,
          metrics: [metric('goodput', 10), metric('rtt', 2, { unit: 's', better: 'lower' })],
        },
        {
          scenario: bridge,
          metrics: [metric('goodput', 8), metric('rtt', 3, { unit: 's', better: 'lower' })],
        },
        {
          scenario: host,
          metrics: [metric('goodput', 10), metric('rtt', 2, { unit: 's', better: 'lower' })],
        },
      ]),
    );
    const summary = summariseTrials(trials);
    const goodput = metricOf(summary, bridge);
    expect(goodput.overhead?.estimate).toBeCloseTo(0.25, 12);
    expect(goodput.overhead?.n).toBe(4);
    expect(goodput.overhead?.interval?.confidence).toBe(0.875);
    expect(goodput.noiseFloor?.effect).toBeCloseTo(0, 12);
    expect(metricOf(summary, bridge, 'rtt').overhead?.estimate).toBeCloseTo(0.5, 12);
    expect(metricOf(summary, host).overhead).toBeUndefined();
    expect(metricOf(summary, host).n).toBe(8);
    expect(summary.warnings).toEqual([]);
  });

  it('is not given where neither direction is better', () => {
    const mss = [metric('mss', 1448, { unit: 'byte', better: 'neither' })];
    const summary = summariseTrials(
      chain(0, [
        { scenario: host, metrics: mss },
        { scenario: bridge, metrics: mss },
      ]),
    );
    expect(metricOf(summary, bridge, 'mss').overhead).toBeUndefined();
    expect(summary.warnings).toEqual([]);
  });

  it('rests on the other neighbour where one failed, and on none further away', () => {
    const [before, first, between, second, after] = chain(0, [
      { scenario: host, goodput: 10 },
      { scenario: bridge, goodput: 5 },
      { scenario: host, goodput: 99 },
      { scenario: bridge, goodput: 20 },
      { scenario: host, goodput: 40 },
    ]) as [Trial, Trial, Trial, Trial, Trial];
    const oneSided = summariseTrials([before, first, failedTrial(between), second, after]);
    expect(metricOf(oneSided, bridge).observations.map((each) => each.baselineValue)).toEqual([
      expect.closeTo(10, 9),
      expect.closeTo(40, 9),
    ]);
    const alone = summariseTrials([before, first, failedTrial(between), second, failedTrial(after)]);
    expect(metricOf(alone, bridge).observations.map((each) => each.baselineValue)).toEqual([
      expect.closeTo(10, 9),
      undefined,
    ]);
    expect(metricOf(alone, bridge).overhead?.n).toBe(1);
    expect(alone.warnings.map(warningText)).toContainEqual(
      expect.stringContaining(
        '1 trial of tcp-stream on same-host/bridge had no valid baseline trial beside it and enters no overhead.',
      ),
    );
  });

  it('is absent, with a warning, where no baseline is ok', () => {
    const trials = chain(0, [{ scenario: host }, { scenario: bridge }, { scenario: host }]);
    const summary = summariseTrials(
      trials.map((each) => (each.scenario === host ? failedTrial(each) : each)),
    );
    expect(metricOf(summary, bridge).overhead).toBeUndefined();
    expect(scenarioOf(summary, host)).toMatchObject({ status: 'failed', reason: 'no connection' });
    expect(summary.warnings.some((each) => subjectOf(each)[0] === bridge)).toBe(true);
  });

  it('never looks into another chain, block, workload, or the warm-up', () => {
    const trials = [
      okTrial({ block: -1, order: 0, scenario: host }),
      okTrial({ block: 0, chain: 0, order: 1, scenario: host }),
      okTrial({ block: 0, chain: 1, order: 2, scenario: bridge }),
      okTrial({ block: 0, chain: 1, order: 3, scenario: host, workload: 'tcp-rr' }),
      okTrial({ block: 1, chain: 1, order: 4, scenario: host }),
      okTrial({ block: -1, order: 5, scenario: bridge }),
    ];
    const summary = summariseTrials(trials);
    expect(metricOf(summary, bridge).overhead).toBeUndefined();
    expect(metricOf(summary, bridge).n).toBe(1);
    expect(metricOf(summary, host).n).toBe(2);
  });

  it('leaves zeros out with a warning, and is never NaN', () => {
    const retransmits = (value: number) => [metric('retransmits', value, { unit: 'count', better: 'lower' })];
    const summary = summariseTrials([
      ...chain(0, [
        { scenario: host, metrics: retransmits(0) },
        { scenario: bridge, metrics: retransmits(3) },
        { scenario: host, metrics: retransmits(0) },
      ]),
      ...chain(1, [
        { scenario: host, metrics: retransmits(2) },
        { scenario: bridge, metrics: retransmits(0) },
        { scenario: host, metrics: retransmits(2) },
      ]),
      ...chain(2, [
        { scenario: host, metrics: retransmits(2) },
        { scenario: bridge, metrics: retransmits(4) },
        { scenario: host, metrics: retransmits(0) },
      ]),
    ]);
    const found = metricOf(summary, bridge, 'retransmits');
    expect(found.overhead).toEqual({ estimate: expect.closeTo(1, 12), n: 1 });
    expect(summary.warnings).toEqual([
      {
        code: 'no-ratio',
        subject: { scenario: bridge, workload: 'tcp-stream', metric: 'retransmits' },
        trials: 2,
      },
    ]);
    expect(JSON.stringify(jsonOutput(summary))).not.toContain('null');
  });
});

describe('a figure beyond all comparison', () => {
  it('is left out of the overhead, so that no estimate is without bounds', () => {
    const rtt = (value: number) => [metric('rtt-p50', value, { unit: 's', better: 'lower' })];
    const summary = summariseTrials([
      ...chain(0, [
        { scenario: host, metrics: rtt(5e-324) },
        { scenario: bridge, metrics: rtt(1e-4) },
        { scenario: host, metrics: rtt(5e-324) },
      ]),
      ...chain(1, [
        { scenario: host, metrics: rtt(1e-4) },
        { scenario: bridge, metrics: rtt(2e-4) },
        { scenario: host, metrics: rtt(1e-4) },
      ]),
    ]);
    expect(metricOf(summary, bridge, 'rtt-p50').overhead).toEqual({ estimate: expect.closeTo(1, 12), n: 1 });
    expect(summary.warnings.map(({ code }) => code)).toContain('no-ratio');
  });
});

describe('the CPU cost', () => {
  it('counts each machine once, and all busy time', () => {
    expect(busySeconds([cpu(), cpu(), cpu({ machine: 'boot-2', userSeconds: 1 })])).toBeCloseTo(2.8, 12);
  });

  it('is per transaction where there are transactions, else per gigabyte', () => {
    expect(cpuMetrics({ cpu: [cpu()], payloadBytes: 2e9 })).toEqual([
      { name: 'cpu-per-gb', unit: 's/GB', better: 'lower', value: 0.5 },
    ]);
    expect(cpuMetrics({ cpu: [cpu()], payloadBytes: 2e9, transactions: 1000 })).toEqual([
      { name: 'cpu-per-transaction', unit: 's/transaction', better: 'lower', value: 0.001 },
    ]);
    expect(cpuMetrics({ cpu: [], payloadBytes: 2e9 })).toEqual([]);
    expect(cpuMetrics({ cpu: [cpu()], payloadBytes: 0, transactions: 0 })).toEqual([]);
    expect(cpuMetrics({ cpu: [cpu()] })).toEqual([]);
  });

  it('has an overhead like any metric, and stands behind the tool’s own', () => {
    const summary = summariseTrials(
      chain(0, [
        { scenario: host, cpu: [cpu()], payloadBytes: 2e9 },
        { scenario: bridge, cpu: [cpu()], payloadBytes: 1e9 },
        { scenario: host, cpu: [cpu()], payloadBytes: 2e9 },
      ]),
    );
    const cost = metricOf(summary, bridge, 'cpu-per-gb');
    expect(cost).toMatchObject({ derived: true, n: 1, unit: 's/GB' });
    expect(cost.overhead?.estimate).toBeCloseTo(1, 12);
    expect(scenarioOf(summary, bridge).workloads[0]?.metrics.map((each) => each.name)).toEqual([
      'goodput',
      'cpu-per-gb',
    ]);
    expect(scenarioOf(summary, bridge).workloads[0]?.machines).toEqual([
      { machine: 'boot-1', cores: 2, busiestCoreShare: 0.6, busiestSoftirqShare: 0.15, stealShare: 0 },
    ]);
  });
});

describe('a summary', () => {
  it('counts what does not count, with reasons, and puts it into no figure', () => {
    const [first, second, third] = chain(0, [
      { scenario: bridge, goodput: 1 },
      { scenario: bridge, goodput: 2 },
      { scenario: bridge, goodput: 3 },
    ]) as [OkTrial, OkTrial, Trial];
    const refuted: Witness = { verdict: 'refuted', summary: 'no veth moved', checks: [], counters: {} };
    const summary = summariseTrials([
      { ...first, witness: { ...refuted, verdict: 'proven', summary: 'both veths rose' } },
      { ...second, status: 'invalid', reason: inWords('no veth moved'), witness: refuted },
      failedTrial(third),
    ]);
    const found = scenarioOf(summary, bridge);
    expect(found.status).toBe('ok');
    expect(found.counts).toEqual({
      ok: 1,
      invalid: 1,
      failed: 1,
      reasons: [
        { status: 'invalid', reason: inWords('no veth moved'), isVaried: false, count: 1 },
        { status: 'failed', reason: inWords('no connection'), isVaried: false, count: 1 },
      ],
    });
    expect(found.witness).toEqual({
      proven: 1,
      refuted: 1,
      unobserved: 0,
      absent: 0,
      verdict: 'refuted',
      sentence: 'no veth moved',
    });
    expect(metricOf(summary, bridge)).toMatchObject({ n: 1, median: 1, min: 1, max: 1 });
    expect(summary.warnings.map(warningText)).toContainEqual(
      expect.stringContaining('2 of 3 trials of tcp-stream on same-host/bridge do not count: no veth moved'),
    );
  });

  it('says why a scenario has no figure', () => {
    const unsupported: ScenarioPlan = {
      id: 'same-host/ipvlan-l2',
      topology: 'same-host',
      driver: 'ipvlan-l2',
      options: {},
      status: 'unsupported',
      reason: { code: 'said', text: 'the kernel has no ipvlan', remedy: 'Load the module ipvlan.' },
    };
    const planned: Plan = plan({ scenarios: [readyScenario('same-host', 'host', true), unsupported] });
    const summary = summariseTrials([], { plan: planned, state: 'interrupted' });
    expect(summary.topologies[0]?.scenarios.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      [host, 'failed', 'no trial is in the record'],
      ['same-host/ipvlan-l2', 'unsupported', 'the kernel has no ipvlan'],
    ]);
    expect(summary.topologies).toHaveLength(1);
    expect(summary.warnings[0]).toEqual({ code: 'unfinished', state: 'interrupted' });
  });

  it('merges histograms over trials, and gives only the percentiles that samples support', () => {
    const samples = (from: number) => Array.from({ length: 600 }, (_, i) => from + i);
    const trial = (order: number, from: number) =>
      okTrial({ order, scenario: bridge, histogram: recordHistogram('rtt', samples(from), 12) });
    const [found] = scenarioOf(summariseTrials([trial(0, 1000), trial(1, 1600)]), bridge).workloads;
    expect(found?.distributions[0]).toMatchObject({ metric: 'rtt', samples: 1200, trials: 2 });
    expect(found?.distributions[0]?.percentilesSeconds).toEqual({
      p50: expect.closeTo(1.599e-6, 12),
      p90: expect.closeTo(2.079e-6, 12),
      p99: expect.closeTo(2.187e-6, 12),
    });
  });

  it('keeps the arms of a live comparison apart', () => {
    const trials = [0, 1].flatMap((block) =>
      chain(block, [
        { scenario: bridge, arm: 'base', goodput: 10 },
        { scenario: bridge, arm: 'head', goodput: 20 },
      ]),
    );
    const summary = summariseTrials(trials);
    const scenarios = summary.topologies[0]?.scenarios.filter(
      (each) => each.id === bridge,
    ) as MeasuredScenario[];
    expect(scenarios.map((each) => [each.arm, each.workloads[0]?.metrics[0]?.median])).toEqual([
      ['base', 10],
      ['head', 20],
    ]);
    expect(summary.warnings).toEqual([]);
  });

  it('carries warnings of the run, of the store and of trials', () => {
    const busy: TrialWarning = { code: 'tool-busy', tool: 'iperf3', end: 'server', cores: 0.99 };
    const noted: RunWarning = { code: 'other-runtime', engine: 'one', runtime: 'runsc' };
    const found: FoundWarning = { code: 'process-gone' };
    const trials = chain(0, [{ scenario: bridge, warnings: [busy, busy] }]);
    const summary = summarise({ run: run({ warnings: [noted], emulated: true }), trials }, [found]);
    expect(summary.warnings.slice(0, 3)).toEqual([found, noted, { code: 'emulated' }]);
    expect(scenarioOf(summary, bridge).workloads[0]?.warnings).toEqual([{ warning: busy, count: 1 }]);
  });
});

describe('the sanity rules', () => {
  const warningsOf = (bridgeGoodput: number, blocks: number) =>
    summariseTrials(
      Array.from({ length: blocks }, (_, block) =>
        chain(block, [
          { scenario: host, goodput: 10 },
          { scenario: bridge, goodput: bridgeGoodput },
          { scenario: host, goodput: 10 },
        ]),
      ).flat(),
    ).warnings.map(warningText);

  it('ask why a container beats the host, once that is certain', () => {
    expect(warningsOf(12, 4)[0]).toContain(
      'same-host/bridge beats its baseline in goodput of tcp-stream by 17 % to 17 %',
    );
    expect(warningsOf(12, 3)).toEqual([]);
    expect(warningsOf(10.1, 4)).toEqual([]);
  });

  it('hold round trips against the rate', () => {
    const withRtt = (rttSeconds: number) =>
      summariseTrials([
        okTrial({
          scenario: bridge,
          metrics: [
            metric('transactions', 10_000, { unit: '1/s' }),
            metric('rtt-p50', rttSeconds, { unit: 's', better: 'lower' }),
          ],
        }),
      ]).warnings.map(warningText);
    expect(withRtt(95e-6).filter((text) => text.includes('times the rate'))).toEqual([]);
    // Half a round trip, sold as a whole one.
    expect(withRtt(47e-6).filter((text) => text.includes('times the rate is 0.47'))).toHaveLength(1);
  });
});

describe('the JSON output', () => {
  it('is the documented object', () => {
    const trials = [0, 1].flatMap((block) =>
      chain(block, [
        { scenario: host, goodput: 10 },
        { scenario: bridge, goodput: 8 },
      ]),
    );
    expect(jsonOutput(summariseTrials(trials), 'pass')).toMatchObject({
      run: '20260101-120000-abcd',
      verdict: 'pass',
      scenarios: [
        {
          id: host,
          status: 'ok',
          workloads: [
            {
              id: 'tcp-stream',
              metrics: [{ name: 'goodput', unit: 'bit/s', better: 'higher', n: 2, median: 10 }],
            },
          ],
        },
        {
          id: bridge,
          status: 'ok',
          workloads: [
            {
              id: 'tcp-stream',
              metrics: [
                {
                  name: 'goodput',
                  unit: 'bit/s',
                  better: 'higher',
                  n: 2,
                  median: 8,
                  overhead: {
                    estimate: expect.closeTo(0.25, 12),
                    low: expect.closeTo(0.25, 12),
                    high: expect.closeTo(0.25, 12),
                    confidence: 0.5,
                    n: 2,
                  },
                },
              ],
            },
          ],
        },
      ],
      warnings: [],
    });
  });
});
