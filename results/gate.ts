import { changeRatio } from './change.ts';
import { type ComparableMetric, compareRuns, type MetricId, type Refusal } from './compare.ts';
import type { CountedComparison } from './counted-change.ts';
import { percentText } from './figure-text.ts';
import type { FingerprintDifference } from './fingerprint-differences.ts';
import { gating } from './gating.ts';
import type { Verdict } from './json-output.ts';
import type { LiveComparison } from './live.ts';
import { nominalLevels } from './statistics/sequential.ts';
import type { RunSummary } from './summary.ts';
import {
  blocksToDecide,
  defaultRules,
  judge,
  type MetricVerdict,
  overallVerdict,
  shiftOf,
  type VerdictRules,
} from './verdict.ts';

export interface GateOptions {
  /** Smallest change that matters, as a ratio minus one. */
  readonly delta: number;
  /** Another delta for the metrics that fit a pattern (as in `metrics`); the first that fits counts. */
  readonly deltas: readonly { readonly metrics: string; readonly delta: number }[];
  readonly alpha: number;
  /**
   * The declared gating metrics as patterns (gating.ts): `workload:metric` or `scenario:workload:metric`. Without any,
   * the first metric of each workload that every block measures gates.
   */
  readonly metrics: readonly string[];
  /** The host itself may have moved by this ratio between two stored runs before normalising by it is not believed. */
  readonly hostTolerance: number;
}

export const defaultGateOptions: GateOptions = {
  ...defaultRules,
  deltas: [],
  metrics: [],
  hostTolerance: 0.5,
};

/** One figure judged. */
export interface GatedMetric extends MetricId, MetricVerdict {
  readonly unit: ComparableMetric['unit'];
  readonly better: ComparableMetric['better'];
  readonly base: { readonly n: number; readonly median: number };
  readonly head: { readonly n: number; readonly median: number };
  /** Blocks that the head would need in all for a verdict; only where it is `inconclusive` and that can be said. */
  readonly blocksToDecide?: number;
}

/** The negative control: what did not change must not have moved. */
export interface GateControl extends MetricId {
  readonly better: ComparableMetric['better'];
  readonly shift: MetricVerdict['shift'];
  readonly holds: boolean;
}

export interface GateResult {
  readonly verdict: Verdict;
  /** Why the verdict is `invalid`; absent otherwise. */
  readonly reason?: string;
  readonly remedy?: string;
  /** The refusal that makes it so, where one does; it is among `refusals` too. */
  readonly refusedBy?: Refusal;
  readonly base: string;
  readonly head: string;
  readonly options: GateOptions;
  readonly metrics: readonly GatedMetric[];
  readonly controls: readonly GateControl[];
  /** Differences of the machines, to be shown before any figure. Empty in a live comparison: it is one machine. */
  readonly differences: readonly FingerprintDifference[];
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly string[];
  /** Greatest of the metrics' `blocksToDecide`; absent unless the whole is `inconclusive` and it can be said. */
  readonly blocksToDecide?: number;
  /** What changed, function by function, where both were measured in counted time. */
  readonly counted?: CountedComparison;
}

/** Judges a stored run against a stored baseline. */
export function gateStored(
  base: RunSummary,
  head: RunSummary,
  options: GateOptions = defaultGateOptions,
): GateResult {
  const { differences, refusals, metrics, controls } = compareRuns(base, head);
  const judged = controls.map(({ sample, ...id }): GateControl => {
    const shift = shiftOf(sample, options.alpha);
    const { low, high } = shift.interval ?? { low: 0, high: 0 };
    const tolerance = options.hostTolerance;
    return { ...id, shift, holds: low <= tolerance && high >= 1 / (1 + tolerance) - 1 };
  });
  const selected = metrics.filter(gating(options.metrics).selects);
  const relevant = judged.filter((control) =>
    selected.some((each) => each.workload === control.workload && each.metric === control.metric),
  );
  return conclude({
    base: base.run.id,
    head: head.run.id,
    options,
    rules: { alpha: options.alpha },
    gating: selected,
    controls: relevant,
    differences,
    refusals,
    warnings: differences.length > 0 ? [`${differences.length} facts of the machines or tools differ.`] : [],
    controlFailure: (control) => ({
      reason: `the baseline scenario ${control.scenario} itself moved by ${movedBy(control)} in ${control.metric} of ${control.workload}, more than the ${percentText(options.hostTolerance)} that normalising by it can be trusted with`,
      remedy: 'Measure the baseline again, or compare live: tare run --arm base=FILE --arm head=FILE.',
    }),
  });
}

/**
 * Judges head against base of one live run, after so many blocks as it has.
 * @param look where this is one of several looks: at which of them (numbers of blocks) it may stop early
 */
export function gateLive(
  live: LiveComparison,
  options: GateOptions = defaultGateOptions,
  look?: { readonly index: number; readonly looks: readonly number[] },
): GateResult {
  const { alpha } = options;
  const rules: Material['rules'] = look
    ? { alpha, levelOf: (share) => nominalLevels(share, look.looks)[look.index] as number }
    : { alpha };
  const controls = judgeControls(live, options, look?.looks.length ?? 1);
  return conclude({
    base: `${live.run} (base)`,
    head: `${live.run} (head)`,
    options,
    rules,
    gating: live.metrics.filter(gating(options.metrics).selects),
    controls,
    differences: [],
    refusals: live.refusals,
    warnings:
      live.controls.length === 0
        ? ['There is no host arm: nothing shows that the two arms were treated alike.']
        : [],
    controlFailure: (control) => ({
      reason: `the host, which is the same in both arms, differs by ${movedBy(control)} in ${control.metric} of ${control.workload}`,
      remedy: 'Look for what else runs on the machine, and measure again.',
    }),
  });
}

/** Error rate of all controls at all looks together: how often a sound comparison is thrown away. */
const controlAlpha = 0.01;

/** A control fails where it differs from zero beyond doubt and by an amount that matters. */
function judgeControls(live: LiveComparison, options: GateOptions, looks: number): GateControl[] {
  const controls = live.controls.filter(gating(options.metrics).selects);
  const alpha = controlAlpha / (controls.length * looks);
  return controls.map((control) => {
    const { scenario, workload, metric, better, sample } = control;
    const shift = shiftOf(sample, alpha);
    const { low, high, confidence } = shift.interval ?? { low: 0, high: 0, confidence: 0 };
    // With few blocks the widest interval may have less confidence than is needed to call it beyond doubt.
    const differs = confidence >= 1 - alpha && (low > 0 || high < 0);
    const matters = Math.abs(shift.estimate) > deltaOf(control, options) / 2;
    return { scenario, workload, metric, better, shift, holds: !(differs && matters) };
  });
}

/** As readers know it, in the figure's own direction. */
const movedBy = ({ shift, better }: GateControl): string => percentText(changeRatio(shift.estimate, better));

/** The delta that a figure is judged by. */
export function deltaOf(
  metric: MetricId & { readonly isPrimary: boolean },
  { delta, deltas }: Pick<GateOptions, 'delta' | 'deltas'>,
): number {
  return deltas.find((each) => gating([each.metrics]).selects(metric))?.delta ?? delta;
}

interface Material
  extends Pick<GateResult, 'base' | 'head' | 'options' | 'differences' | 'refusals' | 'controls'> {
  readonly rules: Pick<VerdictRules, 'alpha' | 'levelOf'>;
  readonly gating: readonly ComparableMetric[];
  readonly warnings: readonly string[];
  readonly controlFailure: (control: GateControl) => { reason: string; remedy: string };
}

function conclude({ rules, gating: selected, controlFailure, warnings, ...rest }: Material): GateResult {
  const verdicts = judge(
    selected.map((each) => each.sample),
    { ...rules, delta: rest.options.delta, deltas: selected.map((each) => deltaOf(each, rest.options)) },
  );
  const metrics = selected.map(({ sample, isPrimary, ...described }, i): GatedMetric => {
    const verdict = verdicts[i] as MetricVerdict;
    const more =
      verdict.verdict === 'inconclusive'
        ? blocksToDecide(sample, { ...rules, delta: verdict.delta })
        : undefined;
    return { ...described, ...verdict, ...(more !== undefined && { blocksToDecide: more }) };
  });
  const invalid = (reason: string, remedy: string, refusedBy?: Refusal): GateResult => ({
    ...rest,
    verdict: 'invalid',
    reason,
    remedy,
    ...(refusedBy && { refusedBy }),
    metrics,
    warnings,
  });
  const whole = rest.refusals.find((refusal) => refusal.scope === 'run');
  if (whole) return invalid(`${whole.what}: ${whole.reason}`, whole.remedy, whole);
  if (metrics.length === 0) {
    return invalid(
      'no metric fits the declared gating metrics',
      'Check --metric against the ids that `tare compare` prints.',
    );
  }
  const missing = rest.refusals.find(gating(rest.options.metrics).concerns);
  if (missing) return invalid(`${missing.what}: ${missing.reason}`, missing.remedy, missing);
  const failed = rest.controls.find((control) => !control.holds);
  if (failed) {
    const { reason, remedy } = controlFailure(failed);
    return invalid(reason, remedy);
  }
  const verdict = overallVerdict(metrics.map((each) => each.verdict));
  const undecided = metrics.filter((each) => each.verdict === 'inconclusive');
  const needed = undecided.map((each) => each.blocksToDecide).filter((each) => each !== undefined);
  const isKnown = undecided.length > 0 && needed.length === undecided.length;
  return {
    ...rest,
    verdict,
    metrics,
    warnings,
    ...(verdict === 'inconclusive' && isKnown && { blocksToDecide: Math.max(...needed) }),
  };
}
