import { plainText } from './text.ts';

/**
 * Text that came from outside, made safe for GitHub Markdown, tables included: no markup, no HTML, no table cell, no
 * mention can come of it.
 */
export function escapeMarkdown(text: string): string {
  return plainText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/^(\s*)([-+=#])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/:\/\//g, ':&#8203;//')
    .replace(/\bwww\./gi, '$&&#8203;')
    .replace(/(^|[^\w])@(?=\w)/g, '$1@&#8203;');
}

/** The text in a code span, whatever back-quotes it holds; the pipe is escaped as tables demand even there. */
export function codeSpan(text: string, inTable = false): string {
  const plain = plainText(text);
  if (plain.trim() === '') return '';
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  const span = `${fence}${padding}${plain}${padding}${fence}`;
  return inTable ? span.replace(/\|/g, '\\|') : span;
}

/** A fenced block; the fence is longer than any run of back-quotes inside. */
export function codeBlock(text: string, language = ''): string {
  const lines = text.split(/\r?\n/).map(plainText).join('\n');
  const longest = Math.max(2, ...(lines.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${lines}\n${fence}`;
}

/** A GitHub table; cells are Markdown already. Columns are left- or right-aligned. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell || ' ').join(' | ')} |`;
  const rule = header.map((_, column) => (align[column] === 'right' ? '---:' : '---'));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}
