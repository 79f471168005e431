import { inverted } from './paired-shift.ts';
import type { Metric } from './schema.ts';
import type { Estimate } from './summary.ts';

/**
 * What a cost comes to in the figure itself, as readers are told it: of 16.2 Gbit/s there are 11.1 left, so −0.31, where
 * the cost is +0.46; a time that takes a third longer is +0.33, as is its cost.
 * @param cost ratio minus one against a reference, positive is worse
 * @returns ratio minus one of figure and reference, with the ends of the interval in ascending order
 */
export function changeOf(cost: Estimate, better: Metric['better']): Estimate {
  return better === 'higher' ? inverted(cost) : cost;
}

/**
 * How much of the figure is lost, in its own percent: 0.31 where it changed by −31 % and less is worse, 0.33 where it
 * changed by +33 % and more is worse. For drawing losses of all figures to one side.
 */
export function worseningOf(cost: Estimate, better: Metric['better']): Estimate {
  const { estimate, interval, n } = changeOf(cost, better);
  if (better !== 'higher') return { estimate, n, ...(interval && { interval }) };
  return {
    estimate: -estimate,
    n,
    ...(interval && { interval: { ...interval, low: -interval.high, high: -interval.low } }),
  };
}

/** `changeOf` a single ratio minus one. */
export function changeRatio(cost: number, better: Metric['better']): number {
  return better === 'higher' ? 1 / (1 + cost) - 1 : cost;
}
