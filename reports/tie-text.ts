import { formatPercentChange } from './format.ts';

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
 * `Seven networks tie; none is dearer than +52 %`.
 * @param atMost the most that any of them may cost against the baseline, as a ratio minus one
 */
export function tieText(count: number, atMost: number | undefined): string {
  const word = words[count] ?? String(count);
  const bound = atMost === undefined ? '' : `; none is dearer than ${formatPercentChange(atMost)}`;
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} networks tie${bound}`;
}
