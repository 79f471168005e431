import type { ClaimRow } from '../results/claims.ts';
import {
  claimCounts,
  claimsLegend,
  criterionText,
  figureValue,
  sourceText,
  verdictText,
} from './claims-prose.ts';
import { printLines, type Span, type Style, span, type TerminalOptions } from './terminal-lines.ts';
import { pad, plainText, wrap } from './text.ts';

const styles: Readonly<Record<ClaimRow['verdict'], Style>> = {
  confirmed: 'green',
  refuted: 'red',
  'not-tested': 'dim',
};

/** The guide's claims for a terminal: each with its verdict, figures and observations, then how to read them. */
export function renderClaimsTerminal(
  rows: readonly ClaimRow[],
  run: string,
  options: TerminalOptions,
): string {
  const columns = Math.max(20, options.columns);
  const lines: Span[][] = [
    [span(`The guide’s claims, by run ${plainText(run)}: ${claimCounts(rows)}`, 'bold')],
  ];
  for (const row of rows) lines.push([], ...rowLines(row, columns));
  lines.push([], ...wrap(claimsLegend, columns).map((line) => [span(line, 'dim')]));
  return printLines(lines, options);
}

function rowLines(row: ClaimRow, columns: number): Span[][] {
  const lines: Span[][] = [
    [
      span(`${String(row.claim).padStart(2)} `),
      span(pad(verdictText(row), 18), styles[row.verdict]),
      span(plainText(row.words), 'bold'),
    ],
  ];
  const put = (mark: string, text: string, style: Style = 'plain') => {
    wrap(text, columns - 7).forEach((line, index) => {
      lines.push([span(pad(index === 0 ? `     ${mark}` : '', 7)), span(line, style)]);
    });
  };
  if (row.verdict === 'not-tested') put('', plainText(row.reason), 'yellow');
  for (const text of row.observations) put('·', plainText(text));
  // Where nothing was measured the reason above says it all.
  const present = row.figures.filter(({ type }) => type !== 'absent');
  for (const figure of present) {
    put('', `${plainText(figure.what)}: ${figureValue(figure)}`);
    const criterion = criterionText(figure);
    if (criterion) put('', `  ${criterion}`, 'dim');
  }
  const source = sourceText(row);
  if (source) put('', source, 'dim');
  return lines;
}
