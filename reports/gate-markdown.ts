import type { CountedComparison } from '../results/counted-change.ts';
import type { GateResult } from '../results/gate.ts';
import { changeLines, unchangedText } from './counted-prose.ts';
import {
  changeText,
  figureName,
  gateLegend,
  gateRemarks,
  mediansText,
  metricGroups,
  toleratedText,
  verdictMarks,
  verdictSentence,
} from './gate-prose.ts';
import { codeSpan, escapeMarkdown, table } from './markdown-text.ts';

/** A comparison as a comment in a pull request: the verdict, what must be known first, a table with the worst on top. */
export function renderGateMarkdown(result: GateResult): string {
  const remarks = gateRemarks(result);
  const rows = metricGroups(result.metrics).flatMap(({ rows }) =>
    rows.map((row) => [
      `${verdictMarks[row.verdict]} ${row.verdict}`,
      codeSpan(row.scenario, true),
      escapeMarkdown(figureName(row)),
      changeText(row),
      mediansText(row),
      toleratedText(row),
    ]),
  );
  return `${[
    `## ${verdictMarks[result.verdict]} ${escapeMarkdown(verdictSentence(result))}`,
    `Base ${codeSpan(result.base)}, head ${codeSpan(result.head)}.`,
    ...(remarks.length > 0
      ? [remarks.map(({ label, text }) => `- **${label}:** ${escapeMarkdown(text)}`).join('\n')]
      : []),
    ...(rows.length > 0
      ? [
          table(['verdict', 'scenario', 'figure', 'change', 'base → head', 'tolerated'], rows, [
            'left',
            'left',
            'left',
            'right',
            'right',
            'right',
          ]),
          ...(result.counted ? functionSection(result.counted) : []),
          `<sub>${escapeMarkdown(gateLegend(result))}</sub>`,
        ]
      : []),
  ].join('\n\n')}\n`;
}

/** What changed, function by function: a list a figure. */
function functionSection(counted: CountedComparison): string[] {
  const { changed } = changeLines(counted);
  const unchanged = unchangedText(counted);
  return [
    ...(changed.length > 0 ? ['### What changed, function by function'] : []),
    ...changed.map(({ title, groups }) =>
      [`**${escapeMarkdown(title)}**`, '', ...groups.map(({ text }) => `- ${escapeMarkdown(text)}`)].join(
        '\n',
      ),
    ),
    ...(unchanged === undefined ? [] : [escapeMarkdown(unchanged)]),
  ];
}
