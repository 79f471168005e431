import type { ClaimFigure } from '../results/claims-measured.ts';
import { type HeldStatement, type LiteratureVerdict, literatureLegend } from '../results/literature.ts';
import type { Unit } from '../results/schema.ts';
import { criterionText, figureValue } from './claims-prose.ts';
import { formatQuantity } from './format.ts';
import { escapeMarkdown } from './markdown-text.ts';

const words: Readonly<Record<LiteratureVerdict, string>> = {
  confirmed: '✓ confirmed',
  refuted: '✗ refuted here',
  'cannot-tell': '? can’t be told here',
};

/** What others have published, each statement with what this run says of it. */
export function literatureMarkdown(held: readonly HeldStatement[]): string[] {
  const counts = (Object.keys(words) as LiteratureVerdict[])
    .map((verdict) => `${held.filter((each) => each.verdict === verdict).length} ${words[verdict].slice(2)}`)
    .join(', ');
  return [
    '## Held against the literature',
    escapeMarkdown(`${counts}. ${literatureLegend}`),
    ...held.map(statement),
  ];
}

function statement({ plan, verdict, figures, seen, reason }: HeldStatement): string {
  const evidence = [
    ...figures.map((figure) => figureText(figure)),
    ...seen.map(({ plan: { what, atLeast }, most, unit }) =>
      most === null || unit === undefined
        ? `${what}: not measured`
        : `${what}: ${formatQuantity(atLeast, unit as Unit)}; the most in any trial here: ${formatQuantity(most, unit as Unit)}`,
    ),
  ];
  const lines = [
    `**They**: ${escapeMarkdown(plan.source)}; on ${escapeMarkdown(plan.measuredOn)}`,
    ...(reason === undefined ? [] : [`**Why not**: ${escapeMarkdown(reason)}`]),
    ...evidence.map((each) => `**Here**: ${escapeMarkdown(each)}`),
    `**Believe**: ${escapeMarkdown(plan.believe)}`,
  ];
  return `### ${words[verdict]}: ${escapeMarkdown(plan.says)}\n\n${lines.map((each) => `- ${each}`).join('\n')}`;
}

function figureText(figure: ClaimFigure): string {
  const criterion = criterionText(figure);
  return `${figure.what}: ${figureValue(figure)}${criterion ? `; ${criterion}` : ''}`;
}
