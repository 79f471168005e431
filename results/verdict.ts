import type { Verdict } from './json-output.ts';
import {
  type Cluster,
  clusteredLocation,
  clusteredProbabilityAbove,
} from './statistics/clustered-signed-rank.ts';
import { hodgesLehmannShift, probabilityShiftAbove } from './statistics/hodges-lehmann.ts';
import { holm } from './statistics/holm.ts';
import type { Estimate } from './summary.ts';

/**
 * What a verdict rests on, in logarithms, positive where worse. `paired`: head against base in the same chains.
 * `two-sample`: each run's values against its own host.
 */
export type Sample =
  | {
      readonly type: 'paired';
      /** Log ratios of the independent comparisons; those of one belong together. */
      readonly clusters: readonly Cluster[];
      /** Block of each, ascending; for looks at the first blocks of a run. */
      readonly blocks?: readonly number[];
    }
  | { readonly type: 'two-sample'; readonly head: readonly number[]; readonly base: readonly number[] };

export interface VerdictRules {
  /** Smallest change that matters, as a ratio minus one (0.03). */
  readonly delta: number;
  /** Another delta for some of the metrics, by their place; `delta` for the others. */
  readonly deltas?: readonly (number | undefined)[];
  /**
   * 1 − the confidence of the intervals. Half of it is the probability, over all metrics together, of calling a
   * regression where every true change is just delta; where nothing changed it is far smaller.
   */
  readonly alpha: number;
  /** p-value that suffices for a share of alpha/2; the share itself unless this is a look of a sequential test. */
  readonly levelOf?: (share: number) => number;
}

export const defaultRules: VerdictRules = { delta: 0.03, alpha: 0.05 };

export interface MetricVerdict {
  readonly verdict: Exclude<Verdict, 'invalid'>;
  /** The delta it was judged by. */
  readonly delta: number;
  /** Change as a ratio minus one, positive is worse, with the plain interval at 1 − alpha. */
  readonly shift: Estimate;
  /** p-value of "worse by more than delta", and the level that it had to reach among all the metrics (Holm). */
  readonly regression: { readonly probability: number; readonly level: number };
  /** Why the verdict is `inconclusive`; absent otherwise. */
  readonly undecided?: Undecided;
}

/** Why nothing can be said of a figure. */
export type Undecided =
  /** No sample of this size could reach any verdict. */
  | 'too-few-blocks'
  /** It is worse by more than delta, and a sample of this size could not show that among so many figures. */
  | 'too-few-blocks-for-so-many'
  /** It is worse by more than delta, but not clearly enough among so many figures. */
  | 'too-close-for-so-many'
  /** The interval holds delta. */
  | 'interval-includes-delta'
  /** It is no worse, yet not what the baseline says, and any change was asked for. */
  | 'other-than-baseline'
  /** It was called a regression, and measured again it was none. */
  | 'not-seen-again';

/**
 * Judges metrics together. `regressed`: worse by more than delta, with Holm's correction over all of them. `improved`:
 * better by more than delta, likewise. `pass`: not worse by delta, each at its own confidence, since a gate passes only
 * if every metric does. Else `inconclusive`.
 */
export function judge(samples: readonly Sample[], rules: VerdictRules = defaultRules): MetricVerdict[] {
  const deltas = samples.map((_, i) => rules.deltas?.[i] ?? rules.delta);
  const side = rules.alpha / 2;
  const regressions = samples.map((sample, i) => above(sample, Math.log1p(deltas[i] as number)));
  const improvements = samples.map((sample, i) => below(sample, Math.log1p(-(deltas[i] as number))));
  const regressed = holm(regressions, side, rules.levelOf);
  const improved = holm(improvements, side, rules.levelOf);
  return samples.map((sample, i) => {
    const delta = deltas[i] as number;
    const level = regressed[i]?.level ?? 0;
    const common = {
      delta,
      shift: shiftOf(sample, rules.alpha),
      regression: { probability: regressions[i] as number, level },
    };
    if (regressed[i]?.rejected) return { verdict: 'regressed', ...common };
    if (improved[i]?.rejected) return { verdict: 'improved', ...common };
    if (below(sample, Math.log1p(delta)) <= side) return { verdict: 'pass', ...common };
    return { verdict: 'inconclusive', ...common, undecided: whyUndecided(sample, common, rules.alpha) };
  });
}

/** One verdict for a whole gate run. @param verdicts at least one */
export function overallVerdict(verdicts: readonly MetricVerdict['verdict'][]): Exclude<Verdict, 'invalid'> {
  if (verdicts.includes('regressed')) return 'regressed';
  if (verdicts.length === 0 || verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.includes('improved') ? 'improved' : 'pass';
}

/** The change with its interval. */
export function shiftOf(sample: Sample, alpha: number): Estimate {
  const { estimate, interval } =
    sample.type === 'paired'
      ? clusteredLocation(sample.clusters, alpha)
      : hodgesLehmannShift(sample.head, sample.base, alpha);
  return {
    estimate: Math.expm1(estimate),
    n: headCount(sample),
    ...(interval && {
      interval: {
        low: Math.expm1(interval.low),
        high: Math.expm1(interval.high),
        confidence: interval.confidence,
      },
    }),
  };
}

/** p-value of "the change is greater than the threshold". */
function above(sample: Sample, threshold: number): number {
  return sample.type === 'paired'
    ? clusteredProbabilityAbove(sample.clusters, threshold)
    : probabilityShiftAbove(sample.head, sample.base, threshold);
}

/** p-value of "the change is less than the threshold". */
function below(sample: Sample, threshold: number): number {
  return sample.type === 'paired'
    ? clusteredProbabilityAbove(
        sample.clusters.map((cluster) => cluster.map((each) => -each)),
        -threshold,
      )
    : probabilityShiftAbove(sample.base, sample.head, -threshold);
}

function headCount(sample: Sample): number {
  return sample.type === 'paired' ? sample.clusters.length : sample.head.length;
}

/** The smallest p-value that a sample of this size can have. */
function leastProbability(sample: Sample): number {
  return sample.type === 'paired'
    ? 2 ** -sample.clusters.length
    : 1 / binomial(sample.head.length + sample.base.length, sample.head.length);
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i += 1) value = (value * (n - k + i)) / i;
  return value;
}

function whyUndecided(
  sample: Sample,
  { delta, shift, regression }: Pick<MetricVerdict, 'delta' | 'shift' | 'regression'>,
  alpha: number,
): Undecided {
  const least = leastProbability(sample);
  if (least > alpha / 2) return 'too-few-blocks';
  if (shift.interval && shift.interval.low > delta) {
    return least > regression.level ? 'too-few-blocks-for-so-many' : 'too-close-for-so-many';
  }
  return 'interval-includes-delta';
}

/**
 * How many blocks of the head would bring the interval clear of delta if the estimate stayed where it is; the
 * half-width shrinks with the square root of the number.
 * @returns undefined where no number up to a hundred times as many would do, or the baseline itself has too few
 */
export function blocksToDecide(
  sample: Sample,
  rules: Pick<VerdictRules, 'delta' | 'alpha'> = defaultRules,
): number | undefined {
  const { estimate, interval, n } = shiftOf(sample, rules.alpha);
  if (!interval) return undefined;
  const worse = Math.log1p(rules.delta);
  const distance = Math.abs(Math.log1p(estimate) - worse);
  const halfWidth = (Math.log1p(interval.high) - Math.log1p(interval.low)) / 2;
  // A half-width of zero, and one already short enough, still need the number at which the p-value can be small enough.
  const least = sample.type === 'paired' ? Math.ceil(-Math.log2(rules.alpha / 2)) : n;
  let needed = n + 1;
  if (halfWidth > distance) {
    const base = sample.type === 'paired' ? Number.POSITIVE_INFINITY : sample.base.length;
    const inverse = (1 / n + 1 / base) * (distance / halfWidth) ** 2 - 1 / base;
    if (inverse <= 0) return undefined;
    needed = Math.ceil(1 / inverse);
  }
  const result = Math.max(needed, least, n + 1);
  return result > 100 * n ? undefined : result;
}
