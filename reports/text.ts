import { unprintable } from '../results/unprintable.ts';

/**
 * Text that came from outside (labels, reasons, tool messages, names) as one harmless line: terminal escapes, control
 * characters, direction overrides and invisible characters are removed, line breaks and tabs become a space, and what
 * a CI runner would take for a command is taken apart.
 */
export function plainText(text: string): string {
  // Nearly all text is: the page of a long run holds some hundred thousand strings.
  if (/^(?!\s*::)[ -~]*$/.test(text) && !text.includes('##')) return text;
  return defused(
    text
      .replace(escapeSequence, '')
      .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
      .replace(unprintable, '')
      .replace(/(\p{M}{4})\p{M}+/gu, '$1'),
  ).replace(/^(\s*):(?=:)/, '$1: ');
}

/** The same for text of several lines, which stay. */
export function plainLines(text: string): string {
  return text.split(/\r?\n/).map(plainText).join('\n');
}

/** A template for one line of output: whatever its values hold, they stay on it and steer nothing. */
export function line(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return `${parts.map((part, index) => part + plainText(String(values[index] ?? ''))).join('')}\n`;
}

/** The same for every string in a piece of data. */
export function plainStrings<T>(value: T): T {
  if (typeof value === 'string') return plainLines(value) as T;
  if (Array.isArray(value)) return value.map(plainStrings) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [plainLines(key), plainStrings(each)]),
  ) as T;
}

/** What renderers made for a terminal, before it gets there: of all escapes only their own colours pass. */
export function harmlessOutput(text: string): string {
  return text
    .split(ownStyleOrLine)
    .map((part, index) => (index % 2 === 1 ? part : plainPiece(part)))
    .join('')
    .replace(/^([^\S\n]*):(?=:)/gm, '$1: ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const ownStyleOrLine = /(\u001b\[(?:0|1|2|31|32|33)m|\n)/;
// A piece of a line: blanks at its ends count, so only characters go.
const plainPiece = (text: string): string =>
  defused(text.replace(escapeSequence, '').replace(unprintable, ''));

/**
 * Data as JSON for standard output: the same data for whoever parses it, and harmless on a terminal or in a CI log, as
 * everything doubtful is spelled out.
 */
export function jsonText(value: unknown): string {
  const spelled = (text: string): string =>
    [...Array(text.length).keys()]
      .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('');
  return `${JSON.stringify(value, null, 2)
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]/gu, spelled)
    .replace(runnerCommand, '#\\u0023')}\n`;
}

// ECMA-48: CSI with parameters, strings (OSC, DCS, SOS, PM, APC) up to their end, two-character escapes; in the
// seven-bit form and in the eight-bit one.
const escapeSequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b./g;
// `##[error]` and `##vso[…]` are commands to GitHub's and Azure's runners wherever they stand in a line, `::error::` at its
// start.
const runnerCommand = /##(?=\w*\[)/g;
const defused = (text: string): string => text.replace(runnerCommand, '# #');

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const printableAscii = /^[ -~]*$/;
const invisible = /^(?:\p{Mark}|\p{Cf})+$/u;

/** Columns that a line takes in a terminal: two for East Asian wide characters and emoji, none for lone marks. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += segmentWidth(segment);
  return columns;
}

function segmentWidth(segment: string): number {
  if (invisible.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}

/** Cuts a line to `columns`, ending in … where something was cut. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const width = segmentWidth(segment);
    if (used + width > columns - 1) break;
    kept += segment;
    used += width;
  }
  return columns > 0 ? `${kept}…` : '';
}

/** Fills with spaces, or cuts, to exactly `columns`. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, columns);
  const fill = ' '.repeat(Math.max(0, columns - displayWidth(cut)));
  return align === 'left' ? cut + fill : fill + cut;
}

/** Breaks a line at spaces so that none is wider than `columns`; words that are wider are cut in pieces. */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/).flatMap((part) => pieces(part, room))) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= room) {
      line = joined;
    } else {
      if (line !== '') lines.push(line);
      line = word;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

function pieces(word: string, columns: number): string[] {
  if (displayWidth(word) <= columns) return [word];
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const { segment } of graphemes.segment(word)) {
    const width = segmentWidth(segment);
    if (used + width > columns && part !== '') {
      parts.push(part);
      part = '';
      used = 0;
    }
    // A double-width character does not fit a single column at all.
    const shown = width > columns ? '?' : segment;
    part += shown;
    used += displayWidth(shown);
  }
  return part === '' ? parts : [...parts, part];
}
