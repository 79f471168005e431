import { pairedShift } from './paired-shift.ts';
import type { Estimate, MetricSummary } from './summary.ts';

/** An interval that holds less than this is hardly one: two comparisons give one of 50 %. */
export const leastConfidence = 0.75;

/** A network with the figure that it is ranked by. */
export interface Contender {
  readonly metric: MetricSummary;
  readonly isBaseline: boolean;
}

/**
 * The networks that can't be told from the cheapest, the cheapest included: all of an order that are not dearer beyond
 * doubt than its first. Decided by the paired differences of trials that stood in the same chains, and never by whether
 * the intervals against the baseline overlap: those hold the baseline's noise twice.
 * @param ordered by their own estimates, the cheapest first
 */
export function tiedWithFirst<T extends Contender>(ordered: readonly T[]): T[] {
  const [first, ...others] = ordered;
  return first ? [first, ...others.filter((other) => !isDearer(other, first))] : [];
}

/** The most that any of these may cost against the baseline, by their intervals; undefined where one has none. */
export function costsAtMost(contenders: readonly Contender[]): number | undefined {
  const highs = contenders
    .filter(({ isBaseline }) => !isBaseline)
    .map(({ metric }) => metric.overhead?.interval?.high);
  const known = highs.filter((high) => high !== undefined);
  return known.length < highs.length || known.length === 0 ? undefined : Math.max(...known);
}

/** Whether the whole interval of the difference lies above zero. */
function isDearer(other: Contender, first: Contender): boolean {
  if (first.isBaseline) return isAbove(other.metric.overhead?.interval, (interval) => interval.low);
  if (other.isBaseline) return isAbove(first.metric.overhead?.interval, (interval) => -interval.high);
  return isAbove(pairedShift(first.metric, other.metric)?.interval, (interval) => interval.low);
}

function isAbove(
  interval: Estimate['interval'],
  least: (interval: NonNullable<Estimate['interval']>) => number,
): boolean {
  return interval !== undefined && interval.confidence >= leastConfidence && least(interval) > 0;
}
