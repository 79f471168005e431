import { displayWidth, pad, plainText, truncate, wrap } from './text.ts';

export interface TerminalOptions {
  /** Width that no line exceeds; the layout is made for 80 to 140, less than 20 counts as 20. */
  readonly columns: number;
  readonly colour: boolean;
}

/**
 * What the terminal at hand can show: colour only on a terminal and without NO_COLOR (https://no-color.org), never
 * more than 140 columns, and 100 where nobody tells.
 */
export function terminalOptions(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): TerminalOptions {
  const colour = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
  return { columns: Math.min(140, stream.columns ?? 100), colour };
}

export type Style = 'plain' | 'bold' | 'dim' | 'green' | 'yellow' | 'red';
const codes = { bold: 1, dim: 2, green: 32, yellow: 33, red: 31 } as const;

/** A piece of a line in one style; widths are of its text alone. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}
export const span = (text: string, style: Style = 'plain'): Span => ({ text, style });

/** A label, then the text beside it, wrapped. */
export function labelled(label: string, text: string, columns: number, style: Style): Span[][] {
  const indent = 9;
  return wrap(text, columns - indent).map((line, index) => [
    span(pad(index === 0 ? label : '', indent), style),
    span(line),
  ]);
}

/** Lines as text: cut to the width, without blanks at their ends, in colour where that is wanted. */
export function printLines(
  lines: readonly (readonly Span[])[],
  { columns, colour }: TerminalOptions,
): string {
  return `${lines.map((line) => print(line, columns, colour)).join('\n')}\n`;
}

function print(line: readonly Span[], columns: number, colour: boolean): string {
  let used = 0;
  let printed = '';
  const lastInk = line.findLastIndex(({ text }) => text.trimEnd() !== '');
  line.slice(0, lastInk + 1).forEach(({ text, style }, index) => {
    const whole = plainText(text.replaceAll('\u00a0', ' '));
    const cut = truncate(index === lastInk ? whole.trimEnd() : whole, columns - used);
    used += displayWidth(cut);
    printed +=
      colour && style !== 'plain' && cut.trim() !== '' ? `\u001b[${codes[style]}m${cut}\u001b[0m` : cut;
  });
  return printed;
}
