import { unprintable } from '../../results/unprintable.ts';

/** Of a program's own words, so many characters go into a reason or a warning. */
const mostCharacters = 200;
/** So much of the end of an output is looked through for its last words. */
const tailCharacters = 16_384;

/**
 * Words of somebody else, a program or an engine, on one line, without what a terminal would obey, and short.
 * @param most characters
 */
export function said(text: string, most = mostCharacters): string {
  const line = text.slice(0, tailCharacters).replace(unprintable, ' ').replace(/ {2,}/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** Last line of a text that is not empty, for messages. */
export function lastLine(text: string): string {
  const lines = text
    .slice(-tailCharacters)
    .split('\n')
    .map((line) => said(line));
  return lines.findLast((line) => line.length > 0) ?? '';
}

/** Options and paths come before the fault in what a daemon says as it ends, so it is cut later. */
const mostOfEnding = 400;
/** Where to read more is not what went wrong. */
const pointsToHelp = /^(See|Run) '.*--help'|^Usage:/;

/**
 * Why a program that was to stay ended, by what it said last: without pointers to its help. Empty where it said
 * nothing.
 */
export function lastWords(text: string): string {
  const lines = text
    .slice(-tailCharacters)
    .split('\n')
    .map((line) => said(line, mostOfEnding));
  const cause = lines.findLast((line) => line.length > 0 && !pointsToHelp.test(line)) ?? '';
  return cause.replace(/^Status: /, '');
}
