import type { Histogram } from '../schema.ts';

/**
 * Lower edge of the bucket of a duration. Log-linear, as in HdrHistogram: below 2^(bits+1) ns every nanosecond has its
 * own bucket; above, each doubling has 2^bits buckets of equal width, so that an edge is within one part in 2^bits of
 * every value in its bucket.
 * @param nanoseconds whole or not, not negative
 */
export function bucketEdge(nanoseconds: number, precisionBits: number): number {
  return (
    Math.floor(nanoseconds / bucketWidth(nanoseconds, precisionBits)) *
    bucketWidth(nanoseconds, precisionBits)
  );
}

/** Width in nanoseconds of the bucket that holds a duration. */
export function bucketWidth(nanoseconds: number, precisionBits: number): number {
  const finest = 2 ** (precisionBits + 1);
  if (nanoseconds < finest) return 1;
  // Math.log2 can be off by one just below a power of two; the comparison puts it right.
  let exponent = Math.floor(Math.log2(nanoseconds));
  if (2 ** exponent > nanoseconds) exponent -= 1;
  else if (2 ** (exponent + 1) <= nanoseconds) exponent += 1;
  return 2 ** (exponent - precisionBits);
}

/**
 * Sorts durations into a histogram.
 * @param nanoseconds each finite and not negative
 * @throws RangeError for any other value: it would be lost silently
 */
export function recordHistogram(metric: string, nanoseconds: Iterable<number>, precisionBits = 7): Histogram {
  const counts = new Map<number, number>();
  for (const value of nanoseconds) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new RangeError(`not a duration: ${value} ns`);
    const edge = bucketEdge(value, precisionBits);
    counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  return { metric, precisionBits, buckets: sorted(counts) };
}

/**
 * One histogram of all samples of several. Where precisions differ the coarsest wins.
 * @throws RangeError where there is none, or their metrics differ
 */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const [first, ...others] = histograms;
  if (!first) throw new RangeError('no histogram to merge');
  const stranger = others.find((other) => other.metric !== first.metric);
  if (stranger) throw new RangeError(`cannot merge ${first.metric} with ${stranger.metric}`);
  const precisionBits = Math.min(...histograms.map((each) => each.precisionBits));
  const counts = new Map<number, number>();
  for (const { buckets } of histograms) {
    for (const [edge, count] of buckets) {
      const coarse = bucketEdge(edge, precisionBits);
      counts.set(coarse, (counts.get(coarse) ?? 0) + count);
    }
  }
  return { metric: first.metric, precisionBits, buckets: sorted(counts) };
}

/** Number of samples. */
export function sampleCount(histogram: Histogram): number {
  return histogram.buckets.reduce((sum, [, count]) => sum + count, 0);
}

/**
 * The value that a share of the samples does not exceed (nearest rank), in nanoseconds: the middle of its bucket, so
 * within half a part in 2^precisionBits of the sample itself.
 * @param share 0 < share ≤ 1
 * @returns undefined for an empty histogram
 */
export function percentileNanoseconds(histogram: Histogram, share: number): number | undefined {
  // The small allowance keeps 0.99 × 100 = 99.00000000000001 from becoming rank 100.
  const rank = Math.max(1, Math.ceil(share * sampleCount(histogram) * (1 - 1e-12)));
  let seen = 0;
  for (const [edge, count] of histogram.buckets) {
    seen += count;
    if (seen < rank) continue;
    const width = bucketWidth(edge, histogram.precisionBits);
    // A bucket of one nanosecond holds whole nanoseconds as the tools give them: its edge is the value.
    return width === 1 ? edge : edge + width / 2;
  }
  return undefined;
}

function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].sort(([a], [b]) => a - b);
}
