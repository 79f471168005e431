import type { Advice } from '../results/advice.ts';
import {
  adviceLegend,
  adviceTie,
  figureText,
  needsText,
  networkFigure,
  networkRemark,
  nothingText,
} from './advice-prose.ts';
import { printLines, type Span, span, type TerminalOptions } from './terminal-lines.ts';
import { displayWidth, pad, plainText, wrap } from './text.ts';

/** Advice for a terminal: each set of needs with the networks that qualify, cheapest first. */
export function renderAdviceTerminal(
  advised: readonly { readonly title?: string; readonly advice: Advice }[],
  options: TerminalOptions,
): string {
  const columns = Math.max(20, options.columns);
  const lines: Span[][] = [];
  for (const { title, advice } of advised) {
    if (lines.length > 0) lines.push([]);
    const heading = title ?? needsText(advice);
    lines.push(
      ...wrap(`${heading[0]?.toUpperCase()}${heading.slice(1)}`, columns).map((line) => [span(line, 'bold')]),
    );
    lines.push(...adviceLines(advice, columns));
  }
  lines.push([], ...wrap(adviceLegend, columns).map((line) => [span(line, 'dim')]));
  return printLines(lines, options);
}

function adviceLines(advice: Advice, columns: number): Span[][] {
  const lines: Span[][] = [];
  const put = (text: string, style: Span['style'], indent: number) => {
    for (const line of wrap(text, columns - indent))
      lines.push([span(' '.repeat(indent)), span(line, style)]);
  };
  const about = figureText(advice);
  if (about && advice.networks.length > 0) put(`${about}, run ${plainText(advice.run)}`, 'dim', 0);
  const tie = adviceTie(advice);
  if (tie) put(tie, 'plain', 0);
  const nothing = nothingText(advice);
  if (nothing) put(nothing, 'yellow', 0);
  const width = Math.max(0, ...advice.networks.map(({ scenario }) => displayWidth(plainText(scenario)))) + 2;
  advice.networks.forEach((network, index) => {
    const remark = networkRemark(network);
    lines.push([
      // Who ties is no winner: no number of its own, and no bold.
      span(network.isTied ? '=  ' : pad(`${index + 1}.`, 3)),
      span(pad(plainText(network.scenario), width), network.isTied ? 'plain' : 'bold'),
      span(networkFigure(network)),
    ]);
    if (remark) put(remark, 'yellow', 3);
    put(`gives up: ${plainText(network.givesUp.join('; '))}`, 'plain', 3);
  });
  for (const { scenario, reason } of advice.unmeasured) {
    put(`without a figure: ${plainText(scenario)}: ${plainText(reason)}`, 'dim', 0);
  }
  return lines;
}
