import type { GateResult } from '../results/gate.ts';
import { formatFloor } from './format.ts';
import {
  changeText,
  gateLegend,
  gateRemarks,
  mediansText,
  metricGroups,
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
      escapeMarkdown(`${row.workload} ${row.metric}`),
      changeText(row),
      mediansText(row),
      `±${formatFloor(row.delta)}`,
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
          `<sub>${escapeMarkdown(gateLegend(result))}</sub>`,
        ]
      : []),
  ].join('\n\n')}\n`;
}
