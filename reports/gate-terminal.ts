import type { CountedComparison } from '../results/counted-change.ts';
import type { GatedMetric, GateResult } from '../results/gate.ts';
import type { Verdict } from '../results/json-output.ts';
import { changeLines, unchangedText } from './counted-prose.ts';
import {
  changeText,
  gateLegend,
  gateRemarks,
  mediansText,
  metricGroups,
  toleratedText,
  verdictMarks,
  verdictSentence,
} from './gate-prose.ts';
import { labelled, printLines, type Span, type Style, span, type TerminalOptions } from './terminal-lines.ts';
import { displayWidth, pad, plainText, wrap } from './text.ts';

const styles: Readonly<Record<Verdict, Style>> = {
  pass: 'green',
  improved: 'green',
  regressed: 'red',
  inconclusive: 'yellow',
  invalid: 'red',
};

/** A comparison for a terminal: the verdict, what must be known first, then each figure, the worst on top. */
export function renderGateTerminal(result: GateResult, options: TerminalOptions): string {
  const columns = Math.max(20, Math.floor(options.columns));
  const lines: Span[][] = [];
  const mark = `${verdictMarks[result.verdict]} `;
  for (const line of wrap(`${mark}${verdictSentence(result)}`, columns)) {
    lines.push([span(line, styles[result.verdict])]);
  }
  lines.push(...labelled('base', plainText(result.base), columns, 'bold'));
  lines.push(...labelled('head', plainText(result.head), columns, 'bold'));
  for (const { label, text } of gateRemarks(result)) lines.push(...labelled(label, text, columns, 'yellow'));
  for (const { title, rows } of metricGroups(result.metrics)) {
    lines.push([], [span(title, 'bold')]);
    lines.push(...rows.map((row) => figureLine(row, rows, columns)));
  }
  if (result.counted) lines.push(...functionLines(result.counted, columns));
  if (result.metrics.length > 0) {
    lines.push([]);
    for (const line of wrap(gateLegend(result), columns)) lines.push([span(line, 'dim')]);
  }
  return printLines(lines, { columns, colour: options.colour });
}

/** What changed, function by function. */
function functionLines(counted: CountedComparison, columns: number): Span[][] {
  const lines: Span[][] = [];
  const { changed } = changeLines(counted);
  if (changed.length > 0) lines.push([], [span('What changed, function by function', 'bold')]);
  for (const { title, groups } of changed) {
    for (const line of wrap(title, columns - 2)) lines.push([span(`  ${line}`)]);
    for (const { text } of groups) {
      for (const line of wrap(text, columns - 4)) lines.push([span(`    ${line}`, 'dim')]);
    }
  }
  const unchanged = unchangedText(counted);
  if (unchanged !== undefined) {
    lines.push([]);
    for (const line of wrap(unchanged, columns)) lines.push([span(line)]);
  }
  return lines;
}

function figureLine(row: GatedMetric, rows: readonly GatedMetric[], columns: number): Span[] {
  const widest = (text: (each: GatedMetric) => string) =>
    Math.max(...rows.map((each) => displayWidth(text(each))));
  const name = (each: GatedMetric) => plainText(each.scenario);
  const nameColumns = Math.min(widest(name), Math.max(12, Math.floor(columns * 0.32)));
  const { verdict } = row;
  return [
    span(`  ${verdictMarks[verdict]} ${pad(verdict, 13)}`, styles[verdict]),
    span(pad(name(row), nameColumns)),
    span(`  ${pad(changeText(row), widest(changeText))}`, styles[verdict]),
    span(`  ${pad(mediansText(row), widest(mediansText))}`),
    span(`  ${toleratedText(row)}`, 'dim'),
  ];
}
