import type { Metric } from '../results/schema.ts';
import { shortChange } from './change-text.ts';

const words = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/**
 * `Seven networks tie; none is below −34 %`, of a rate; of a time, `none is above +52 %`.
 * @param atMost the most that any of them may cost against the baseline, as a ratio minus one
 */
export function tieText(count: number, atMost: number | undefined, better: Metric['better']): string {
  const word = words[count] ?? String(count);
  const side = better === 'higher' ? 'below' : 'above';
  const bound = atMost === undefined ? '' : `; none is ${side} ${shortChange(atMost, better)}`;
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} networks tie${bound}`;
}
