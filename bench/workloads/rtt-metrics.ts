import type { Histogram, Metric } from '../../results/schema.ts';
import { percentileNanoseconds, recordHistogram } from '../../results/statistics/histogram.ts';
import { kinds, type MetricKind, measured } from './metrics.ts';

const percentiles: readonly { readonly kind: MetricKind; readonly share: number }[] = [
  { kind: kinds.rttP50, share: 0.5 },
  { kind: kinds.rttP90, share: 0.9 },
  { kind: kinds.rttP99, share: 0.99 },
  { kind: kinds.rttP999, share: 0.999 },
  { kind: kinds.rttP9999, share: 0.9999 },
];

/** A trial's percentile is given only where at least so many samples lie beyond it; the merged histogram reaches on. */
const leastSamplesBeyond = 5;

/** Whether so many samples carry a percentile. */
export function carries(samples: number, share: number): boolean {
  return samples * (1 - share) + 1e-6 >= leastSamplesBeyond;
}

/** What workloads with all samples promise, the most stable percentile first. */
export const rttKinds: readonly MetricKind[] = [
  ...percentiles.map(({ kind }) => kind),
  kinds.rttMin,
  kinds.rttMax,
];

/**
 * RTT metrics and the histogram of all samples of one trial.
 * @param rttNanoseconds at least one, each finite and not negative
 */
export function rttMetrics(rttNanoseconds: readonly number[]): {
  readonly metrics: readonly Metric[];
  readonly histogram: Histogram;
} {
  const histogram = recordHistogram('rtt', rttNanoseconds);
  const metrics: Metric[] = [];
  for (const { kind, share } of percentiles) {
    const value = percentileNanoseconds(histogram, share);
    if (value !== undefined && carries(rttNanoseconds.length, share))
      metrics.push(measured(kind, value / 1e9));
  }
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const value of rttNanoseconds) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  metrics.push(measured(kinds.rttMin, min / 1e9), measured(kinds.rttMax, max / 1e9));
  return { metrics, histogram };
}
