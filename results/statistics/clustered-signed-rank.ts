import type { Interval, Location } from './hodges-lehmann.ts';
import { normalCumulative } from './normal.ts';
import { middle } from './order.ts';
import { PairAverages } from './pair-averages.ts';

/** Values that belong together, such as one trial against each of its neighbours; clusters are independent. */
export type Cluster = readonly number[];

/** Up to here the distribution over all sign flips is exact; beyond, the normal approximation is good to 1e-3. */
const exactLimit = 40;

/**
 * Where clustered values lie: the median of the Walsh averages (x + y)/2 of values of different clusters, and of each
 * value with itself, with the interval of all places that a signed-rank test by clusters does not reject.
 *
 * Assumes that clusters are independent and that each value by itself is symmetric about the location, as a difference
 * of two trials with the same noise is, however lopsided that noise (values of one cluster may go together as they
 * like). So averages *within* a cluster, which need not be symmetric, are not in the estimate. The test flips the signs
 * of whole clusters: Rosner, Glynn & Lee 2003, Biometrics 59; Datta & Satten 2008, Biometrics 64. For clusters of one
 * value each it is the exact signed-rank test, and all of this is `hodgesLehmann`. How well the interval keeps its
 * promise under which noise: docs/interval.md.
 *
 * Where too few clusters are given for the wanted confidence, the interval is the widest there is and states the
 * confidence that it has: 1 − 2^(1−n).
 * @param clusters at least one, none empty, all finite
 * @param alpha 1 − the wanted confidence of the two-sided interval
 */
export function clusteredLocation(clusters: readonly Cluster[], alpha = 0.05): Location {
  const size = clusters.reduce((sum, cluster) => sum + cluster.length, 0);
  const isLarge = size > mostToPairOff;
  const estimate = isLarge ? middleOfMany(clusters) : middle(symmetricAverages(clusters));
  const n = clusters.length;
  // The least that all flips together can say.
  const side = Math.max(alpha / 2, 2 ** -n);
  if (2 * side >= 1) return { estimate };
  const negated = clusters.map((cluster) => cluster.map((value) => -value));
  const averages = isLarge ? undefined : allAverages(clusters);
  const low = averages ? lowEnd(clusters, averages, side) : lowEndOfMany(clusters, side);
  const high = averages
    ? lowEnd(negated, averages.map((average) => -average).reverse(), side)
    : lowEndOfMany(negated, side);
  const interval: Interval = {
    low: low.end,
    high: -high.end,
    confidence: 1 - low.probability - high.probability,
  };
  return { estimate: Math.min(Math.max(estimate, interval.low), interval.high), interval };
}

/**
 * One-sided test of clustered values against a location: the probability of values at least this far above it if the
 * location were `threshold` or less. Averages equal to the threshold count against the finding.
 */
export function clusteredProbabilityAbove(clusters: readonly Cluster[], threshold: number): number {
  const scores = scoresOf(clusters, threshold);
  const positive = scores.reduce((sum, score) => sum + Math.max(0, score), 0);
  return clusters.length <= exactLimit ? exactTail(scores, positive) : normalTail(scores, positive);
}

/** The signed ranks of each cluster's values about a location, added up. Of equal sizes negative ones rank higher. */
function scoresOf(clusters: readonly Cluster[], threshold: number): Float64Array {
  const signed = clusters.flatMap((cluster, index) =>
    cluster.map((value) => ({ index, distance: value - threshold })),
  );
  signed.sort((a, b) => Math.abs(a.distance) - Math.abs(b.distance) || b.distance - a.distance);
  const scores = new Float64Array(clusters.length);
  signed.forEach(({ index, distance }, place) => {
    scores[index] = (scores[index] as number) + (distance > 0 ? place + 1 : -(place + 1));
  });
  return scores;
}

/** P(sum of the scores that come out positive ≥ positive), each score's sign being a coin's. */
function exactTail(scores: Float64Array, positive: number): number {
  const total = scores.reduce((sum, score) => sum + Math.abs(score), 0);
  // From the side on which there is less to count; the distribution is symmetric.
  const most = total - positive;
  const share = new Float64Array(most + 1);
  share[0] = 1;
  let top = 0;
  for (const score of scores) {
    const size = Math.abs(score);
    top = Math.min(most, top + size);
    for (let sum = top; sum >= 0; sum -= 1) {
      share[sum] = ((share[sum] as number) + (sum >= size ? (share[sum - size] as number) : 0)) / 2;
    }
  }
  return Math.min(
    1,
    share.reduce((sum, each) => sum + each, 0),
  );
}

function normalTail(scores: Float64Array, positive: number): number {
  let [total, squares] = [0, 0];
  for (const score of scores) {
    total += Math.abs(score);
    squares += score * score;
  }
  if (squares === 0) return 1;
  return normalCumulative((total / 2 - positive) / (Math.sqrt(squares) / 2));
}

/**
 * The least average of two values above which the test does not put the location, by bisection, and the probability with
 * which the test rejects what lies just below it. The test changes at averages only, so it is asked between them, where
 * no rounding can tip a tie.
 */
function lowEnd(
  clusters: readonly Cluster[],
  averages: Float64Array,
  side: number,
): { end: number; probability: number } {
  const aboveOf = (index: number) =>
    clusteredProbabilityAbove(clusters, ((averages[index] as number) + (averages[index + 1] as number)) / 2);
  let [rejected, accepted] = [-1, averages.length - 1];
  let probability = 2 ** -clusters.length;
  while (accepted - rejected > 1) {
    const index = (accepted + rejected) >> 1;
    const here = aboveOf(index);
    if (here <= side) [rejected, probability] = [index, here];
    else accepted = index;
  }
  return { end: averages[accepted] as number, probability };
}

/** Of more values than this their pairs are not all made: a thousand have half a million, in hundreds of figures. */
const mostToPairOff = 200;

/** The middle of `symmetricAverages`, by counting those of all pairs but for those within clusters. */
function middleOfMany(clusters: readonly Cluster[]): number {
  const averages = new PairAverages(clusters.flat());
  const within = Float64Array.from(
    clusters.flatMap((cluster) =>
      cluster.flatMap((value, index) => cluster.slice(index + 1).map((other) => (value + other) / 2)),
    ),
  ).sort();
  const count = (threshold: number) => averages.countAtMost(threshold) - countAtMost(within, threshold);
  const all = count(averages.greatest);
  const upper = averages.ranked((all >> 1) + 1, count);
  return all % 2 === 1 ? upper : (averages.ranked(all >> 1, count) + upper) / 2;
}

/** How many of ascending values are `threshold` or less. */
function countAtMost(sorted: Float64Array, threshold: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as number) <= threshold) from = middle + 1;
    else to = middle;
  }
  return from;
}

interface InOrder {
  /** Ascending, with the number of the cluster that each is of. */
  readonly values: Float64Array;
  readonly owners: Int32Array;
}

function inOrder(clusters: readonly Cluster[]): InOrder {
  const owned = clusters.flatMap((cluster, owner) => cluster.map((value) => ({ owner, value })));
  owned.sort((a, b) => a.value - b.value);
  return {
    values: Float64Array.from(owned, ({ value }) => value),
    owners: Int32Array.from(owned, ({ owner }) => owner),
  };
}

/** As `scoresOf`, of ordered values: distances grow away from the threshold on either side, which have to be merged only. */
function rankedAbout({ values, owners }: InOrder, clusters: number, threshold: number): Float64Array {
  const scores = new Float64Array(clusters);
  const split = values.findIndex((value) => value - threshold > 0);
  let above = split < 0 ? values.length : split;
  let below = above - 1;
  for (let rank = 1; rank <= values.length; rank += 1) {
    const up = above < values.length ? (values[above] as number) - threshold : Number.POSITIVE_INFINITY;
    const down = below >= 0 ? threshold - (values[below] as number) : Number.POSITIVE_INFINITY;
    const isUp = up <= down;
    const owner = owners[isUp ? above++ : below--] as number;
    scores[owner] = (scores[owner] as number) + (isUp ? rank : -rank);
  }
  return scores;
}

/** As `lowEnd`, by halving the range in which the averages lie rather than their list. */
function lowEndOfMany(clusters: readonly Cluster[], side: number): { end: number; probability: number } {
  const averages = new PairAverages(clusters.flat());
  const ordered = inOrder(clusters);
  let [end, accepted] = [averages.least, averages.greatest];
  let probability = 2 ** -clusters.length;
  while (end < accepted) {
    const middle = end + (accepted - end) / 2;
    const before = averages.greatestAtMost(middle) ?? end;
    const behind = averages.leastAbove(before) ?? accepted;
    const scores = rankedAbout(ordered, clusters.length, (before + behind) / 2);
    const positive = scores.reduce((sum, score) => sum + Math.max(0, score), 0);
    const here = clusters.length <= exactLimit ? exactTail(scores, positive) : normalTail(scores, positive);
    if (here <= side) [end, probability] = [behind, here];
    else accepted = before;
  }
  return { end, probability };
}

/** Of all values, within clusters too, each once and ascending: where the test may change. */
function allAverages(clusters: readonly Cluster[]): Float64Array {
  const values = clusters.flat();
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let at = 0;
  for (let i = 0; i < values.length; i += 1) {
    for (let j = i; j < values.length; j += 1) {
      averages[at] = ((values[i] as number) + (values[j] as number)) / 2;
      at += 1;
    }
  }
  return averages.sort().filter((each, index, sorted) => index === 0 || each !== sorted[index - 1]);
}

function symmetricAverages(clusters: readonly Cluster[]): Float64Array {
  const averages: number[] = [];
  clusters.forEach((cluster, index) => {
    averages.push(...cluster);
    for (const value of cluster) {
      for (const other of clusters.slice(index + 1))
        for (const each of other) averages.push((value + each) / 2);
    }
  });
  return Float64Array.from(averages).sort();
}
