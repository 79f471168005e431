import { changeOf, changeRatio } from '../results/change.ts';
import type { Metric } from '../results/schema.ts';
import type { Estimate } from '../results/summary.ts';
import { formatEstimate, formatPercentChange, hasInterval } from './format.ts';

/** On which side of "no difference" the whole interval lies; `few` where there is none that is worth the name. */
export type Side = 'worse' | 'better' | 'unsure' | 'few';

/** Worse or better only where the whole interval, and one worth the name, is on that side of zero. */
export function sideOf(cost: Estimate): Side {
  if (!hasInterval(cost)) return 'few';
  if (cost.interval.low > 0) return 'worse';
  return cost.interval.high < 0 ? 'better' : 'unsure';
}

/** What stands beside each change: no reader need know for which figures more is better. */
export const sideWords: Readonly<Record<Side, string>> = {
  worse: 'worse',
  better: 'better',
  unsure: 'no difference shown',
  few: 'too few blocks',
};

/**
 * A change in the figure's own direction, with its interval: `−31 % [−35, −27]` of a rate that costs 46 % more.
 * @param readAs confidence that goes without saying
 */
export function changeText(cost: Estimate, better: Metric['better'], readAs?: number): string {
  return formatEstimate(changeOf(cost, better), readAs);
}

/** The same without the interval: `−31 %`. */
export function shortChange(cost: number, better: Metric['better']): string {
  return formatPercentChange(changeRatio(cost, better));
}

/** The one convention of all outputs, in three lines. */
export const signLegend = [
  'Figures stand as they are measured, each with its change against the baseline in its own direction: 11.1 Gbit/s, −31 % is 31 % less data; 61 µs, +33 % is a third longer.',
  'The word tells what that means: worse or better where the whole interval in brackets lies on that side, else no difference shown; too few blocks where an interval holds less than 75 %.',
  'Cost is a second notion, for what must be ranked or bounded over all figures: how many times worse, minus one (−31 % of a rate costs +46 %). JSON has it as `overhead`.',
] as const;
