/** Of a program's own words, so many characters go into a reason or a warning. */
const mostCharacters = 200;
/** So much of the end of an output is looked through for its last words. */
const tailCharacters = 16_384;

/** Control characters, those that turn the direction of writing, and odd line ends. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** A program's words on one line, without what a terminal would obey, and short. */
export function said(text: string): string {
  const line = text.slice(0, tailCharacters).replace(unprintable, ' ').replace(/ {2,}/g, ' ').trim();
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line;
}

/** Last line of a text that is not empty, for messages. */
export function lastLine(text: string): string {
  const lines = text.slice(-tailCharacters).split('\n').map(said);
  return lines.findLast((line) => line.length > 0) ?? '';
}
