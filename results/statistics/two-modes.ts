import { median } from './order.ts';

/** A sample that lies in two heaps. */
export interface TwoModes {
  /** Values up to this one are in the lower heap. */
  readonly lowerUpTo: number;
  readonly lowerMedian: number;
  readonly upperMedian: number;
  /** Of all values, 0 to 1. */
  readonly lowerShare: number;
}

/** With fewer values two heaps can't be told from chance. */
const fewest = 16;
/** Either heap must hold this share of the values, or it is a matter of outliers. */
const leastShare = 0.1;
/** And as many values. */
const leastInHeap = 4;
/** The heaps must be this far apart: by a fifth. Nearer ones change no reader's mind. */
const leastDistance = Math.log(1.2);
/**
 * Ashman's D of the heaps. From 2 on two normal components show as two (Ashman, Bird & Zepf 1994, Astronomical
 * Journal 108); cut in two at its best place one normal sample has 2.6, a uniform one 3.5, and lopsided ones more, so
 * that more is asked here, and yet more of few values, which fall into heaps by chance.
 */
const leastSeparation = (n: number): number => 4.5 * (1 + 6 / n);
/** The gap between the heaps must be this share of the distance of their middles: between them there is hardly anything. */
const leastGap = 0.4;

/**
 * Whether a sample has two modes: cut where the two parts scatter least about their means (the best two-means cut, Otsu
 * 1979), and then only if the parts are far apart, both of some size, and clear of one another by the bounds above.
 * Samples with one mode are called two in some of a hundred, whatever their shape
 * (test/unit/results-two-modes.test.ts).
 * @param values logarithms of a figure, in any order
 */
export function twoModes(values: readonly number[]): TwoModes | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  if (n < fewest) return undefined;
  const cut = bestCut(sorted);
  const [lower, upper] = [sorted.slice(0, cut), sorted.slice(cut)];
  const smaller = Math.min(lower.length, upper.length);
  if (smaller < Math.max(leastInHeap, leastShare * n)) return undefined;
  const distance = mean(upper) - mean(lower);
  const spread = Math.sqrt((variance(lower) + variance(upper)) / 2);
  const gap = (upper[0] as number) - (lower.at(-1) as number);
  if (distance < leastDistance || distance < leastSeparation(n) * spread || gap < leastGap * distance)
    return undefined;
  return {
    lowerUpTo: lower.at(-1) as number,
    lowerMedian: median(lower),
    upperMedian: median(upper),
    lowerShare: lower.length / n,
  };
}

/** The number of least values after which to cut so that squares about the two means are least. */
function bestCut(sorted: readonly number[]): number {
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const n = sorted.length;
  let [sum, best, most] = [0, 1, Number.NEGATIVE_INFINITY];
  for (let cut = 1; cut < n; cut += 1) {
    sum += sorted[cut - 1] as number;
    // What the means explain: the greater it is, the less is left about them.
    const explained = sum ** 2 / cut + (total - sum) ** 2 / (n - cut);
    if (explained > most) [best, most] = [cut, explained];
  }
  return best;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
}
