import type { Histogram } from '../../../results/schema.ts';
import { bucketEdge } from '../../../results/statistics/histogram.ts';

const precisionBits = 7;

/**
 * The histogram `latency` of durations that a tool has counted already.
 * @param counts pairs of nanoseconds (not negative) and how often that was seen (at least once)
 */
export function countsToHistogram(counts: readonly (readonly [number, number])[]): Histogram {
  const buckets = new Map<number, number>();
  for (const [nanoseconds, times] of counts) {
    const edge = bucketEdge(nanoseconds, precisionBits);
    buckets.set(edge, (buckets.get(edge) ?? 0) + times);
  }
  return { metric: 'latency', precisionBits, buckets: [...buckets].sort(([a], [b]) => a - b) };
}
