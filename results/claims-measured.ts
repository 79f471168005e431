import {
  type Criterion,
  claimFigures,
  claimPaths,
  type FigurePlan,
  leastConfidence,
} from './claims-criteria.ts';
import { confidenceText } from './figure-text.ts';
import { inverted, pairedShift } from './paired-shift.ts';
import type { Metric } from './schema.ts';
import type { Estimate, MeasuredScenario, MetricSummary, RunSummary, ScenarioSummary } from './summary.ts';

/** Whether a figure or a path speaks for a claim. `open`: it could not be told, for the reason. */
export type Finding =
  | { readonly type: 'agrees' }
  | { readonly type: 'disagrees' }
  | { readonly type: 'open'; readonly reason: string };

/** One figure behind a claim, or why there is none. */
export type ClaimFigure = FigurePlan & {
  /** Present where there is a criterion. */
  readonly finding?: Finding;
} & (
    | {
        readonly type: 'change';
        readonly cost: Estimate;
        readonly better: Metric['better'];
        readonly note?: string;
      }
    | {
        readonly type: 'value';
        readonly unit: Metric['unit'];
        /** Over ok trials. */
        readonly median: number;
        readonly min: number;
        readonly max: number;
        readonly n: number;
      }
    | { readonly type: 'absent'; readonly reason: string }
  );

/** What the path of a scenario says of a claim. */
export interface ClaimPath {
  readonly text: string;
  readonly scenario: string;
  readonly finding: Finding;
}

/** The figures of one claim from a digested run, in the order in which they are declared. */
export function claimFiguresOf(claim: number, summary: RunSummary): ClaimFigure[] {
  return claimFigures
    .filter((each) => each.claim === claim)
    .map(({ claim: _, ...plan }) => figureOf(plan, summary));
}

/** A figure from a digested run, and what it says where it decides. */
export function figureOf(plan: FigurePlan, summary: RunSummary): ClaimFigure {
  const { criterion, ...rest } = plan;
  const base = { ...rest, ...(criterion && { criterion }) };
  const absent = (reason: string): ClaimFigure => ({
    ...base,
    ...(criterion && { finding: { type: 'open', reason } as const }),
    type: 'absent',
    reason,
  });
  const subject = metricIn(summary, plan.scenario, plan);
  if (subject.type === 'absent') return absent(subject.reason);
  if (plan.against === undefined) {
    const { unit, median, min, max, n } = subject.metric;
    return { ...base, type: 'value', unit, median, min, max, n };
  }
  const reference = metricIn(summary, plan.against, plan);
  if (reference.type === 'absent') return absent(reference.reason);
  const cost = changeBetween(subject, reference);
  if (!cost) return absent(`${plan.scenario} and ${plan.against} have no trials side by side`);
  const note = segmentNote(plan, summary);
  const finding = criterion && judge(criterion, cost, summary.run.emulated);
  return {
    ...base,
    ...(finding && { finding }),
    type: 'change',
    cost,
    better: subject.metric.better,
    ...(note && { note }),
  };
}

interface Found {
  readonly type: 'found';
  readonly scenario: MeasuredScenario;
  readonly metric: MetricSummary;
}

function changeBetween(subject: Found, reference: Found): Estimate | undefined {
  if (reference.scenario.isBaseline) return subject.metric.overhead;
  if (subject.scenario.isBaseline) return reference.metric.overhead && inverted(reference.metric.overhead);
  return pairedShift(reference.metric, subject.metric);
}

/** An interval decides only where all of it lies on one side of the bound. */
export function judge(criterion: Criterion, { interval }: Estimate, emulated: boolean): Finding {
  if (emulated) return { type: 'open', reason: 'made under an emulated kernel, whose figures rank nothing' };
  if (!interval) return { type: 'open', reason: 'one comparison has no interval; six blocks or more decide' };
  if (interval.confidence < leastConfidence) {
    return {
      type: 'open',
      reason: `the interval holds ${confidenceText(interval.confidence)} confidence, less than ${confidenceText(leastConfidence)}; six blocks or more decide`,
    };
  }
  const { low, high } = interval;
  const isAbove = low > criterion.cost;
  const isBelow = high <= criterion.cost;
  if (!isAbove && !isBelow) {
    return { type: 'open', reason: 'the interval lies on both sides of the bound; more blocks narrow it' };
  }
  return { type: isAbove === (criterion.type === 'more-than') ? 'agrees' : 'disagrees' };
}

/** The first scenario of that id that is in no arm of a live comparison. */
export function scenarioIn(summary: RunSummary, id: string): ScenarioSummary | undefined {
  return summary.topologies.flatMap(({ scenarios }) => scenarios).find((each) => each.id === id && !each.arm);
}

function metricIn(
  summary: RunSummary,
  id: string,
  { workload, metric }: Pick<FigurePlan, 'workload' | 'metric'>,
): Found | { readonly type: 'absent'; readonly reason: string } {
  const absent = (reason: string) => ({ type: 'absent', reason }) as const;
  const scenario = scenarioIn(summary, id);
  if (!scenario) return absent(`${id} is not in this run`);
  if (scenario.status === 'unsupported') return absent(`${id} is not supported here: ${scenario.reason}`);
  const found = scenario.workloads
    .find((each) => each.id === workload)
    ?.metrics.find((each) => each.name === metric);
  if (found) return { type: 'found', scenario, metric: found };
  if (scenario.status !== 'ok') return absent(`${id}: ${scenario.reason ?? `it is ${scenario.status}`}`);
  return absent(`${id} has no ${workload} ${metric} in this run`);
}

/** The segment sizes of both sides, where a figure is about equal ones: a reader must see whether they are. */
function segmentNote(plan: FigurePlan, summary: RunSummary): string | undefined {
  const about = [plan.scenario, plan.against].find((id) => id?.includes('@mss='));
  if (!about || plan.against === undefined) return undefined;
  const bytes = [plan.scenario, plan.against].map((id) => {
    const mss = metricIn(summary, id as string, { workload: plan.workload, metric: 'mss' });
    return mss.type === 'found' ? mss.metric.median : undefined;
  });
  const words = bytes.map((each) => (each === undefined ? 'unknown' : String(each)));
  return `effective MSS ${words[0]} against ${words[1]} bytes`;
}

/** Of all trials, failed ones too, the share whose path must be proven, or refuted, for the path to be called so. */
const leastProvenShare = 0.9;

/** What the witnesses of a claim's paths say. */
export function claimPathsOf(claim: number, summary: RunSummary): ClaimPath[] {
  return claimPaths
    .filter((each) => each.claim === claim)
    .flatMap(({ what, scenarios }) => scenarios.map((id) => pathOf(what, id, summary)));
}

function pathOf(what: string, id: string, summary: RunSummary): ClaimPath {
  const scenario = scenarioIn(summary, id);
  const open = (reason: string): ClaimPath => ({
    text: `${what} (${id}): ${reason}`,
    scenario: id,
    finding: { type: 'open', reason: `${id}: ${reason}` },
  });
  if (!scenario) return open('not in this run');
  if (scenario.status === 'unsupported') return open(`not supported here: ${scenario.reason}`);
  const { proven, refuted, unobserved } = scenario.witness;
  const { failed } = scenario.counts;
  // Trials without a witness have none by design: their traffic is not the pair's.
  const all = proven + refuted + unobserved + failed;
  if (proven + refuted + unobserved === 0) return open(scenario.reason ?? 'no trial was measured');
  if (proven + refuted === 0) return open('no trial’s path could be observed');
  const ends = [
    `proven by counters in ${proven} of ${all} trials`,
    ...(refuted > 0 ? [`another way in ${refuted}`] : []),
    ...(unobserved > 0 ? [`not observed in ${unobserved}`] : []),
    ...(failed > 0 ? [`failed in ${failed}`] : []),
  ];
  const found = (finding: Finding): ClaimPath => ({
    text: `${what} (${id}): ${ends.join(', ')}`,
    scenario: id,
    finding,
  });
  if (refuted === 0 && proven >= all * leastProvenShare) return found({ type: 'agrees' });
  if (refuted >= all * leastProvenShare) return found({ type: 'disagrees' });
  return found({
    type: 'open',
    reason: `${id}: ${ends.join(', ')}; nine in ten without a contradiction decide`,
  });
}
