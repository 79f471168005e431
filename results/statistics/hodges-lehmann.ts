import { middle } from './order.ts';
import {
  mannWhitneyLowerTail,
  signedRankLowerTail,
  tailNormal,
  trim,
  trimNormal,
} from './rank-distributions.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
  /**
   * The confidence that the interval really has (0 to 1), which with few values is less than was wanted: 0.875 for
   * n = 4, 0.9375 for n = 5.
   */
  readonly confidence: number;
}

export interface Location {
  readonly estimate: number;
  /** Absent where not even the widest interval has any confidence: one value. */
  readonly interval?: Interval;
}

/** Up to here the null distributions are exact; beyond, the normal approximation is good to 1e-4 of confidence. */
const exactSignedRankLimit = 200;
const exactMannWhitneyLimit = 10_000;

/**
 * Where a sample lies: the median of its Walsh averages (xᵢ + xⱼ)/2, i ≤ j, with the distribution-free interval
 * [W(k), W(N+1−k)] from the exact null distribution of the signed-rank statistic. Hodges & Lehmann 1963; Hollander,
 * Wolfe & Chicken, Nonparametric Statistical Methods, 3.2 and 3.3.
 *
 * Assumes that values are independent and symmetric about the location. Where too few values are given for the wanted
 * confidence, the interval is the widest there is and states the confidence it has. Equal values make the true
 * coverage of the (closed) interval larger than stated, never smaller.
 * @param values at least one, all finite
 * @param alpha 1 − the wanted confidence of the two-sided interval
 */
export function hodgesLehmann(values: ArrayLike<number>, alpha = 0.05): Location {
  const averages = walshAverages(values);
  const n = values.length;
  const { k, confidence } = trimOne(n, alpha);
  return location(averages, k, confidence);
}

/**
 * One-sided signed-rank test against a location: the probability of values at least this far above it if the location
 * were `threshold` or less. Small when the values are above. Dual to the interval: p ≤ alpha/2 exactly where
 * `hodgesLehmann(values, alpha)` has its low end above the threshold. Averages equal to the threshold count against
 * the finding.
 */
export function probabilityAbove(values: ArrayLike<number>, threshold: number): number {
  const n = values.length;
  let above = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i; j < n; j += 1)
      if (((values[i] as number) + (values[j] as number)) / 2 > threshold) above += 1;
  }
  // P(V ≥ above) = P(V ≤ N − above) by symmetry.
  return tailOne(n, (n * (n + 1)) / 2 - above);
}

/**
 * How far sample x lies above sample y: the median of all differences xᵢ − yⱼ, with the distribution-free interval from
 * the null distribution of the Mann–Whitney statistic; exact up to m·n = 10,000, by normal approximation beyond.
 * Hodges & Lehmann 1963; Hollander, Wolfe & Chicken 4.2 and 4.3.
 *
 * Assumes independent values and two distributions of one shape. Ties as in `hodgesLehmann`.
 * @param x and @param y at least one value each, all finite
 */
export function hodgesLehmannShift(x: ArrayLike<number>, y: ArrayLike<number>, alpha = 0.05): Location {
  const differences = new Float64Array(x.length * y.length);
  let at = 0;
  for (let i = 0; i < x.length; i += 1) {
    for (let j = 0; j < y.length; j += 1) {
      differences[at] = (x[i] as number) - (y[j] as number);
      at += 1;
    }
  }
  differences.sort();
  const { k, confidence } = trimTwo(x.length, y.length, alpha);
  return location(differences, k, confidence);
}

/** One-sided Mann–Whitney test of "x lies above y by more than threshold"; as `probabilityAbove`. */
export function probabilityShiftAbove(x: ArrayLike<number>, y: ArrayLike<number>, threshold: number): number {
  let above = 0;
  for (let i = 0; i < x.length; i += 1) {
    for (let j = 0; j < y.length; j += 1) if ((x[i] as number) - (y[j] as number) > threshold) above += 1;
  }
  return tailTwo(x.length, y.length, x.length * y.length - above);
}

/** The greatest confidence that an interval of n paired values can have: 1 − 2^(1−n). */
export function greatestConfidence(n: number): number {
  return 1 - 2 ** (1 - n);
}

function walshAverages(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const averages = new Float64Array((n * (n + 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i; j < n; j += 1) {
      averages[at] = ((values[i] as number) + (values[j] as number)) / 2;
      at += 1;
    }
  }
  return averages.sort();
}

function location(sorted: Float64Array, k: number, confidence: number): Location {
  const estimate = middle(sorted);
  if (confidence <= 0) return { estimate };
  const low = sorted[k - 1] as number;
  const high = sorted[sorted.length - k] as number;
  return { estimate, interval: { low, high, confidence } };
}

function trimOne(n: number, alpha: number): { k: number; confidence: number } {
  if (n <= exactSignedRankLimit) return trim(signedRankLowerTail(n), alpha);
  return trimNormal((n * (n + 1)) / 4, (n * (n + 1) * (2 * n + 1)) / 24, alpha);
}

function trimTwo(m: number, n: number, alpha: number): { k: number; confidence: number } {
  if (m * n <= exactMannWhitneyLimit) return trim(mannWhitneyLowerTail(m, n), alpha);
  return trimNormal((m * n) / 2, (m * n * (m + n + 1)) / 12, alpha);
}

function tailOne(n: number, v: number): number {
  if (n <= exactSignedRankLimit) return signedRankLowerTail(n)[v] as number;
  return tailNormal((n * (n + 1)) / 4, (n * (n + 1) * (2 * n + 1)) / 24, v);
}

function tailTwo(m: number, n: number, u: number): number {
  if (m * n <= exactMannWhitneyLimit) return mannWhitneyLowerTail(m, n)[u] as number;
  return tailNormal((m * n) / 2, (m * n * (m + n + 1)) / 12, u);
}
