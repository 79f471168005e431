import { withSubcommands } from './completion/known-words.ts';
import type { DescribedCommand, DescribedOption } from './described.ts';

/**
 * The manual page, in the language of man(7), from what `--help` is made of.
 * @param version of Tare
 */
export function manPage(program: DescribedCommand, version: string): string {
  const [, ...commands] = withSubcommands(program);
  return [
    `.TH TARE 1 "" ${quoted(`tare ${version}`)} "User Commands"`,
    '.SH NAME',
    `tare \\- ${roff(lowerFirst(program.description))}`,
    '.SH SYNOPSIS',
    '.B tare',
    roff(program.usage.replace(/^tare /, '')),
    '.SH DESCRIPTION',
    roff(program.description),
    '.SH OPTIONS',
    ...program.options.flatMap(optionLines),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH NOTES',
    ...literal(program.afterwards),
    '',
  ].join('\n');
}

function commandLines({ usage, description, options, afterwards, commands }: DescribedCommand): string[] {
  // What it does is said of each of its own commands.
  if (commands.length > 0) return [];
  return [
    `.SS ${quoted(usage)}`,
    roff(description),
    ...options.flatMap(optionLines),
    ...(afterwards === '' ? [] : ['.PP', ...literal(afterwards)]),
  ];
}

function optionLines({ flags, description }: DescribedOption): string[] {
  return ['.TP', `.B ${roff(flags)}`, roff(description)];
}

/** Lines that stay as they are, such as examples. */
const literal = (text: string): string[] => ['.nf', ...text.split('\n').map(roff), '.fi'];

/** One line of text: no backslash and no first character of it commands anything, in whatever encoding it is read. */
function roff(text: string): string {
  const safe = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\x20-\x7e]/gu, (each) => `\\[u${codePoint(each)}]`);
  return /^[.']/.test(safe) ? `\\&${safe}` : safe;
}

const codePoint = (character: string) =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
const quoted = (text: string) => `"${roff(text).replaceAll('"', '\\(dq')}"`;
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
