/**
 * Text that came from outside (labels, reasons, tool messages) as one harmless line: terminal escapes, control
 * characters and direction overrides are removed, line breaks and tabs become a space.
 */
export function plainText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
      .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g, '')
      .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
      .replace(/[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
  );
}

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
