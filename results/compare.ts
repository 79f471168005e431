import { type FingerprintDifference, fingerprintDifferences } from './fingerprint-differences.ts';
import { lackRefusal } from './held-against-plan.ts';
import { hasLogRatio } from './metric-summary.ts';
import { independentLogRatios } from './overhead.ts';
import { isPrimaryMetric } from './primary-metric.ts';
import type { Metric, Plan, Run } from './schema.ts';
import type { MeasuredScenario, MetricSummary, RunSummary } from './summary.ts';
import { workloadTraitsOf } from './traits-of.ts';
import type { Sample } from './verdict.ts';

/** Which figure: scenario, workload and metric. */
export interface MetricId {
  readonly scenario: string;
  readonly workload: string;
  readonly metric: string;
}

/** A figure that both runs have, ready to be judged. */
export interface ComparableMetric extends MetricId {
  readonly unit: Metric['unit'];
  readonly better: Metric['better'];
  /**
   * Gated unless told otherwise: the first metric of its workload, which tables show. Not where a run measured the
   * workload in some of its blocks only, since so few trials would leave every gate inconclusive.
   */
  readonly isPrimary: boolean;
  readonly base: { readonly n: number; readonly median: number };
  readonly head: { readonly n: number; readonly median: number };
  readonly sample: Sample;
}

/** Something that cannot be compared, why, and what to do. `run`: nothing can. */
export interface Refusal {
  readonly scope: 'run' | 'scenario' | 'workload' | 'metric';
  /** The figure or figures that it concerns; each absent where it is all of them. */
  readonly scenario?: string;
  readonly workload?: string;
  readonly metric?: string;
  readonly what: string;
  readonly reason: string;
  readonly remedy: string;
}

/** How a baseline scenario itself moved between two stored runs: the control of the comparison. */
export interface ControlMetric extends MetricId {
  readonly better: Metric['better'];
  readonly sample: Sample;
}

export interface Comparability {
  /** To be shown before any figure. */
  readonly differences: readonly FingerprintDifference[];
  readonly refusals: readonly Refusal[];
  /** Empty where a refusal has scope `run`. */
  readonly metrics: readonly ComparableMetric[];
  readonly controls: readonly ControlMetric[];
}

/**
 * Lays two stored runs side by side: for each figure that both have, g = s·ln(value / bracketed baseline) of either.
 * What cannot be compared is a refusal with its reason, never a figure.
 */
export function compareRuns(base: RunSummary, head: RunSummary): Comparability {
  const differences = fingerprintDifferences(base.run.fingerprints, head.run.fingerprints);
  const wholeRun = runRefusals(base, head, differences);
  if (wholeRun.length > 0) return { differences, refusals: wholeRun, metrics: [], controls: [] };
  const refusals: Refusal[] = [];
  const metrics: ComparableMetric[] = [];
  const controls: ControlMetric[] = [];
  const before = byId(base);
  const after = byId(head);
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(id);
    const is = after.get(id);
    if (!was || !is) {
      refusals.push({
        scope: 'scenario',
        scenario: id,
        what: id,
        reason: `it has no figures in the ${was ? 'head' : 'baseline'} run${whyMissing(was ? head : base, id)}`,
        remedy: 'Measure the same scenarios in both runs.',
      });
      continue;
    }
    compareScenario(was, is, { base: base.run, head: head.run }, { refusals, metrics, controls });
  }
  if (metrics.length === 0) {
    refusals.unshift({
      scope: 'run',
      what: 'both runs',
      reason: 'they have no figure in common that has a baseline beside it',
      remedy: 'Measure the same scenarios and workloads in both runs.',
    });
  }
  return { differences, refusals, metrics, controls };
}

function runRefusals(
  was: RunSummary,
  is: RunSummary,
  differences: readonly FingerprintDifference[],
): Refusal[] {
  const [base, head] = [was.run, is.run];
  const refusals: Refusal[] = [];
  const refuse = (what: string, reason: string, remedy: string): void => {
    refusals.push({ scope: 'run', what, reason, remedy });
  };
  for (const [role, run] of [
    ['baseline', base],
    ['head', head],
  ] as const) {
    if (run.state === 'finished') continue;
    refuse(
      `the ${role} run ${run.id}`,
      `it is ${run.state}, not finished`,
      `Finish it with --resume ${run.id}.`,
    );
  }
  for (const [role, { run, missing }] of [
    ['baseline', was],
    ['head', is],
  ] as const) {
    if (!missing) continue;
    const { what, reason, remedy } = lackRefusal(run.id, missing);
    refuse(`the ${role} ${what}`, reason, remedy);
  }
  const topologiesOf = (run: Run): string =>
    [...new Set(run.plan.scenarios.map((each) => each.topology))].sort().join(' and ');
  if (topologiesOf(base) !== topologiesOf(head)) {
    refuse(
      'the topologies',
      `the baseline run has ${topologiesOf(base)}, the head run ${topologiesOf(head)}`,
      'Measure the same topologies in both runs.',
    );
  }
  const strange = differences.filter((each) => each.isOtherMachine);
  if (strange.length > 0) {
    const list = strange.map(({ role, fact, base, head }) => `${fact} of ${role}: ${base} → ${head}`);
    refuse('the machines', list.join('; '), 'Measure the baseline again on this machine.');
  }
  if (base.emulated || head.emulated) {
    refuse('the kernel', 'a run was made under an emulated kernel', 'Measure on a real machine.');
  }
  return refusals;
}

function byId(summary: RunSummary): Map<string, MeasuredScenario> {
  const scenarios = summary.topologies.flatMap((each) => each.scenarios);
  return new Map(
    scenarios
      .filter((each): each is MeasuredScenario => each.status === 'ok' && each.arm === undefined)
      .map((each) => [each.id, each]),
  );
}

function whyMissing(summary: RunSummary, id: string): string {
  const found = summary.topologies.flatMap((each) => each.scenarios).find((each) => each.id === id);
  return found && found.status !== 'ok' ? ` (${found.status}: ${found.reason})` : '';
}

interface Findings {
  readonly refusals: Refusal[];
  readonly metrics: ComparableMetric[];
  readonly controls: ControlMetric[];
}

function compareScenario(
  was: MeasuredScenario,
  is: MeasuredScenario,
  runs: { readonly base: Run; readonly head: Run },
  { refusals, metrics, controls }: Findings,
): void {
  const workloads = new Set([...was.workloads, ...is.workloads].map((each) => each.id));
  for (const workload of workloads) {
    const refuse = (reason: string, remedy: string): void => {
      refusals.push({
        scope: 'workload',
        scenario: was.id,
        workload,
        what: `${workload} on ${was.id}`,
        reason,
        remedy,
      });
    };
    const before = was.workloads.find((each) => each.id === workload);
    const after = is.workloads.find((each) => each.id === workload);
    if (!before || !after) {
      refuse(
        `it is only in the ${before ? 'baseline' : 'head'} run`,
        'Measure the same workloads in both runs.',
      );
      continue;
    }
    const changed = planDifference(workload, runs.base, runs.head);
    if (changed) {
      refuse(changed, 'Measure both runs with the same settings.');
      continue;
    }
    const plans = [runs.base.plan, runs.head.plan];
    const first = after.metrics[0]?.name ?? '';
    for (const { name } of before.metrics) {
      if (after.metrics.some((each) => each.name === name)) continue;
      refusals.push({
        scope: 'metric',
        scenario: was.id,
        workload,
        metric: name,
        what: `${name} of ${workload} on ${was.id}`,
        reason: 'it is only in the baseline run',
        remedy: 'See the head run’s warnings for why it could not be measured.',
      });
    }
    for (const metric of after.metrics) {
      const counterpart = before.metrics.find((each) => each.name === metric.name);
      const id: MetricId = { scenario: was.id, workload, metric: metric.name };
      if (!counterpart) {
        refusals.push({
          scope: 'metric',
          ...id,
          what: `${metric.name} of ${workload} on ${was.id}`,
          reason: 'it is only in the head run',
          remedy: 'Measure the baseline again with this version.',
        });
      } else if (is.isBaseline) {
        if (metric.better !== 'neither')
          controls.push({ ...id, better: metric.better, sample: controlSample(counterpart, metric) });
      } else {
        const sample = normalised(counterpart, metric);
        if (sample)
          metrics.push({
            ...id,
            ...described(counterpart, metric),
            isPrimary: isPrimaryMetric({ workload, metric: metric.name, first }, plans),
            sample,
          });
      }
    }
  }
}

function planDifference(workload: string, base: Run, head: Run): string | undefined {
  const planned = (run: Run): Plan['workloads'][number] | undefined =>
    run.plan.workloads.find((each) => each.id === workload);
  const [was, is] = [planned(base), planned(head)];
  if (was?.durationSeconds !== is?.durationSeconds) {
    return `its trials last ${was?.durationSeconds} s in the baseline run and ${is?.durationSeconds} s in the head run`;
  }
  const offers = [base, head].some(({ plan }) => workloadTraitsOf(plan, workload).offersFixedLoad);
  if (offers && base.plan.offeredBitsPerSecond !== head.plan.offeredBitsPerSecond) {
    return `it was offered ${base.plan.offeredBitsPerSecond} bit/s in the baseline run and ${head.plan.offeredBitsPerSecond} bit/s in the head run`;
  }
  return undefined;
}

function described(base: MetricSummary, head: MetricSummary) {
  return {
    unit: head.unit,
    better: head.better,
    base: { n: base.n, median: base.median },
    head: { n: head.n, median: head.median },
  };
}

function normalised(base: MetricSummary, head: MetricSummary): Sample | undefined {
  const ratios = (metric: MetricSummary): number[] =>
    independentLogRatios(metric.observations.filter(hasLogRatio));
  const sample: Sample = { type: 'two-sample', head: ratios(head), base: ratios(base) };
  return sample.head.length > 0 && sample.base.length > 0 ? sample : undefined;
}

/** The baseline scenario's own values, one mean of logarithms per block. Sign does not matter to a control. */
function controlSample(base: MetricSummary, head: MetricSummary): Sample {
  const logarithms = (metric: MetricSummary): number[] =>
    independentLogRatios(
      metric.observations
        .filter((each) => each.value > 0)
        .map((each) => ({ block: each.block, chain: 0, logRatio: Math.log(each.value) })),
    );
  return { type: 'two-sample', head: logarithms(head), base: logarithms(base) };
}
