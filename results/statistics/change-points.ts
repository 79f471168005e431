import { noise, shuffled } from './random.ts';

export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly at: number;
  /** Share of random orders of its segment that split as well as this one; small where the change is real. */
  readonly probability: number;
}

export interface ChangePointOptions {
  /** A change whose probability is greater is not reported. */
  readonly alpha: number;
  /** Random orders tried per split; the smallest probability is 1 / (permutations + 1). */
  readonly permutations: number;
  /** A segment has at least so many values. */
  readonly shortest: number;
  readonly seed: number;
}

const defaults: ChangePointOptions = { alpha: 0.01, permutations: 999, shortest: 3, seed: 1 };

/**
 * Where a series changes its distribution: E-divisive with the energy distance (exponent 1) and a permutation test.
 * Matteson & James 2014, Journal of the American Statistical Association 109; without their inner search for the end of
 * the right-hand segment, so that each scan costs n², which suits the tens to hundreds of runs of a history.
 *
 * Assumes independent values between changes. Distances are not squared, so that one wild run moves little.
 * @param series in order of time
 * @returns ascending
 */
export function changePoints(
  series: readonly number[],
  options: Partial<ChangePointOptions> = {},
): ChangePoint[] {
  const settings = { ...defaults, ...options };
  const source = noise(settings.seed);
  const found: ChangePoint[] = [];
  const pending: [number, number][] = [[0, series.length]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [from, to] = next;
    const segment = series.slice(from, to);
    const best = bestSplit(segment, settings.shortest);
    if (!best) continue;
    let asGood = 1;
    let order = segment;
    for (let i = 0; i < settings.permutations; i += 1) {
      order = shuffled(order, source.uniform);
      if ((bestSplit(order, settings.shortest)?.distance ?? 0) >= best.distance) asGood += 1;
      // Enough to know that the probability will exceed alpha.
      if (asGood > settings.alpha * (settings.permutations + 1)) break;
    }
    const probability = asGood / (settings.permutations + 1);
    if (probability > settings.alpha) continue;
    found.push({ at: from + best.at, probability });
    pending.push([from, from + best.at], [from + best.at, to]);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The split with the greatest scaled energy distance; undefined where the values are too few for two segments. */
function bestSplit(
  values: readonly number[],
  shortest: number,
): { at: number; distance: number } | undefined {
  const n = values.length;
  if (n < 2 * shortest) return undefined;
  // Sums of distances within the left part, within the right part, and across, updated as the border moves.
  let left = 0;
  let across = 0;
  let right = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) right += Math.abs((values[i] as number) - (values[j] as number));
  }
  let best: { at: number; distance: number } | undefined;
  for (let at = 1; at <= n - shortest; at += 1) {
    const moved = values[at - 1] as number;
    let toLeft = 0;
    let toRight = 0;
    for (let i = 0; i < at - 1; i += 1) toLeft += Math.abs(moved - (values[i] as number));
    for (let i = at; i < n; i += 1) toRight += Math.abs(moved - (values[i] as number));
    left += toLeft;
    right -= toRight;
    across += toRight - toLeft;
    if (at < shortest) continue;
    const rest = n - at;
    const energy =
      (2 * across) / (at * rest) -
      (2 * left) / (at * Math.max(1, at - 1)) -
      (2 * right) / (rest * Math.max(1, rest - 1));
    const distance = ((at * rest) / n) * energy;
    if (!best || distance > best.distance) best = { at, distance };
  }
  return best;
}
