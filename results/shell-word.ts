/**
 * A word of a command line so that a person can paste it into a shell (bash, zsh) and get that very word: as it is where
 * no shell would read anything into it, else quoted. Line breaks and other control characters are spelled out.
 */
export function shellWord(text: string): string {
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text)) return text;
  if (isPrintable.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${[...text].map(spelled).join('')}'`;
}

/** A whole command line. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

// Letters, marks, numbers, punctuation, symbols and the blank: what looks on a terminal like what it is.
const isPrintable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

function spelled(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (isPrintable.test(character)) return character;
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
    .join('');
}
