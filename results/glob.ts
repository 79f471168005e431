import { Failure } from './failure.ts';

/** No id is a tenth as long; what is longer was not written by a person. */
const longestPattern = 500;

/**
 * A glob over ids: `*` stands for any text, `?` for one character, and all else for itself.
 * @returns what tells whether a text fits, in at most pattern × text steps however many stars there are
 * @throws Failure `usage` for a pattern of more than 500 characters
 */
export function glob(pattern: string): (text: string) => boolean {
  if (pattern.length > longestPattern) {
    throw new Failure(
      'usage',
      `the pattern “${pattern.slice(0, 40)}…” has ${pattern.length} characters`,
      `Write one of at most ${longestPattern}.`,
    );
  }
  return (text) => matches(pattern, text);
}

// Only the last star ever needs another try: what the earlier ones took can stay as it is.
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let taken = 0;
  while (place < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      taken = place;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++taken;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
