import type { ClaimRow } from '../results/claims.ts';
import {
  claimCounts,
  claimsLegend,
  criterionText,
  figureValue,
  sourceText,
  verdictText,
} from './claims-prose.ts';
import { escapeMarkdown, table } from './markdown-text.ts';

/** The guide's claims as a section: those with a verdict in full, the others with their reasons. */
export function claimsMarkdown(rows: readonly ClaimRow[]): string[] {
  const decided = rows.filter(({ verdict }) => verdict !== 'not-tested');
  const open = rows.filter((row) => row.verdict === 'not-tested');
  const parts = ['## The guide’s claims', escapeMarkdown(`${claimCounts(rows)}. ${claimsLegend}`)];
  if (decided.length > 0) {
    parts.push(
      table(
        ['#', 'the guide says', 'verdict', 'evidence'],
        decided.map((row) => [String(row.claim), escapeMarkdown(row.words), verdictText(row), evidence(row)]),
      ),
    );
  }
  if (open.length > 0) {
    parts.push(
      'Without a verdict:',
      open
        .map((row) => {
          const shown = evidence(row);
          return `- ${row.claim}, ${escapeMarkdown(row.words)}: ${verdictText(row)}: ${escapeMarkdown(row.reason)}${shown ? `<br>${shown}` : ''}`;
        })
        .join('\n'),
    );
  }
  return parts;
}

function evidence(row: ClaimRow): string {
  const figures = row.figures
    .filter(({ type }) => type !== 'absent')
    .map((figure) => {
      const criterion = criterionText(figure);
      return `${figure.what}: ${figureValue(figure)}${criterion ? `; ${criterion}` : ''}`;
    });
  return [...row.observations, ...figures, sourceText(row)].filter(Boolean).map(escapeMarkdown).join('<br>');
}
