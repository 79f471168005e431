import type { GateResult } from '../results/gate.ts';
import type { MeasuredScenario, RunSummary } from '../results/summary.ts';
import { answers } from './answers.ts';
import { changeText, sideOf, sideWords } from './change-text.ts';
import { formatFloor, formatQuantity } from './format.ts';
import { judgedLines } from './gate-prose.ts';
import { codeBlock, codeSpan, escapeMarkdown, table } from './markdown-text.ts';
import { grades, matrixLegend, matrixOf } from './matrix.ts';
import { engineFacts, methodParagraphs, type WorkloadNotes } from './method.ts';
import { baselineNote, mssText, mtuText } from './packet-sizes.ts';
import { countSentence, headerLines, legend, notes, planSentence } from './prose.ts';
import { headline, type RankedTopology, rankAll, scenarioName } from './ranking.ts';
import { type SweepTable, sweepTables } from './sweep-table.ts';

export interface MarkdownOptions {
  /** Images to embed, by path relative to the Markdown file. */
  readonly images?: readonly { readonly file: string; readonly alt: string }[];
  readonly workloadNotes?: WorkloadNotes;
  /** How a live comparison was judged. */
  readonly judged?: GateResult;
  /** Further sections, Markdown already, shown after the tables: advice, the guide's claims. */
  readonly sections?: readonly string[];
}

/** The report of a run for a pull request or an article: tables, method, fingerprint, command to reproduce. */
export function renderMarkdown(summary: RunSummary, options: MarkdownOptions = {}): string {
  const ranked = rankAll(summary);
  const { run } = summary;
  const remarks = headerLines(summary, ranked).filter(({ label }) => label === 'note');
  const lost = notes(summary);
  const sweeps = sweepTables(summary);
  const inTables = new Set(sweeps.flatMap(({ workloads }) => workloads));
  return `${[
    '# What each container network costs',
    [
      `Run ${codeSpan(run.id)}${run.label.trim() ? `: ${escapeMarkdown(run.label)}` : ''}  `,
      `${escapeMarkdown(planSentence(summary))}  `,
      escapeMarkdown(countSentence(summary)),
    ].join('\n'),
    ...(options.judged
      ? judgedLines(options.judged).map(({ label, text }) => `**${label}:** ${escapeMarkdown(text)}`)
      : []),
    ...(options.judged ? [] : [answerTable(summary, ranked)]),
    ...remarks.map(({ text }) => `> **Note:** ${escapeMarkdown(text)}`),
    ...(options.images ?? []).map(({ file, alt }) => `![${escapeMarkdown(alt)}](${encodeURI(file)})`),
    ...ranked.flatMap((topology) => topologySection(topology, inTables)),
    ...sweeps.flatMap(sweepSection),
    ...(ranked.length === 0 ? ['Nothing was planned, so nothing was measured.'] : []),
    ...legend(ranked).map((text) => `<sub>${escapeMarkdown(text)}</sub>`),
    ...(options.sections ?? []),
    ...(lost.length > 0
      ? [
          '## Warnings',
          lost
            .map(({ label, text }) => `- ${label ? `**${label}:** ` : ''}${escapeMarkdown(text)}`)
            .join('\n'),
        ]
      : []),
    '## Method',
    ...methodParagraphs(summary).map(escapeMarkdown),
    ...workloadSection(summary, options.workloadNotes),
    '## Where it was measured',
    fingerprintTable(summary),
    '## Reproduce',
    codeBlock(run.command, 'sh'),
  ].join('\n\n')}\n`;
}

/** The questions that readers come with, answered before any figure. */
function answerTable(summary: RunSummary, ranked: readonly RankedTopology[]): string {
  const rows = answers(summary, ranked).map(({ question, answer, detail }) => [
    escapeMarkdown(question),
    `**${escapeMarkdown(answer)}**`,
    escapeMarkdown(detail),
  ]);
  return table(['question', 'answer', ''], rows);
}

function sweepSection({ title, header, rows }: SweepTable): string[] {
  const right = header.slice(1).map(() => 'right' as const);
  return [
    `## ${escapeMarkdown(title)}`,
    table(
      header.map(escapeMarkdown),
      rows.map(([name = '', ...cells]) => [codeSpan(name, true), ...cells.map(escapeMarkdown)]),
      ['left', ...right],
    ),
  ];
}

function topologySection(ranked: RankedTopology, leftOut: ReadonlySet<string>): string[] {
  const against = ranked.baselineName
    ? `against ${codeSpan(ranked.baselineName)}`
    : 'no baseline to compare with';
  const parts = [`## ${ranked.title}: ${against}`];
  const matrix = matrixOf(ranked, leftOut);
  if (matrix.columns.length === 0) parts.push('Nothing was measured.');
  else {
    parts.push(
      table(
        [
          'network',
          'path',
          ...matrix.columns.map(({ workload, metric }) => escapeMarkdown(`${workload} ${metric}`)),
        ],
        matrix.rows.map(({ name, mark, cells }) => [
          codeSpan(name, true),
          mark,
          ...cells.map(({ grade, text, figure }, column) => {
            const { shade, word } = grades[grade];
            const shown = [shade, text, word].filter(Boolean).join(' ');
            // What the order is by leads with its figure.
            return escapeMarkdown(column === 0 && figure ? `${figure}, ${shown}` : shown);
          }),
        ]),
      ),
      `<sub>${escapeMarkdown(matrixLegend)}</sub>`,
      `<details><summary>Every figure with its interval</summary>\n\n${detailTable(ranked)}\n\n</details>`,
    );
  }
  if (ranked.unsupported.length > 0) {
    const items = ranked.unsupported.map(
      (scenario) =>
        `- ${codeSpan(scenarioName(scenario))}: ${escapeMarkdown(scenario.reason)} → ${escapeMarkdown(scenario.remedy)}`,
    );
    parts.push('Not supported here:', items.join('\n'));
  }
  return parts;
}

/** A row for each network and workload: what the matrix rests on. */
function detailTable(ranked: RankedTopology): string {
  const rows = ranked.workloads.flatMap(({ id, metric: name }) =>
    ranked.measured.flatMap((scenario) => {
      const metric = headline(scenario, id);
      if (!metric) return [];
      const { overhead, noiseFloor, better, unit } = metric;
      return [
        [
          codeSpan(scenarioName(scenario), true),
          escapeMarkdown(`${id} ${name}`),
          formatQuantity(metric.median, unit),
          changeCell(scenario, id),
          overhead ? sideWords[sideOf(overhead)] : '',
          String(better === 'neither' ? metric.n : (overhead?.n ?? metric.n)),
          noiseFloor ? `≥ ${formatFloor(noiseFloor.effect)}` : '',
          mtuText(scenario),
          mssText(scenario),
        ],
      ];
    }),
  );
  const header = ['network', 'figure of', 'figure', `against ${ranked.baselineName ?? 'the baseline'}`];
  return table([...header.map(escapeMarkdown), 'finding', 'n', 'could see', 'MTU', 'MSS'], rows, [
    'left',
    'left',
    'right',
    'right',
    'left',
    'right',
    'right',
    'right',
    'right',
  ]);
}

function changeCell(scenario: MeasuredScenario, workload: string): string {
  if (scenario.isBaseline) {
    const note = baselineNote(scenario);
    return note ? `baseline, ${note}` : 'baseline';
  }
  const metric = headline(scenario, workload);
  return metric?.overhead ? changeText(metric.overhead, metric.better, 0.95) : '–';
}

function workloadSection(summary: RunSummary, workloadNotes: WorkloadNotes | undefined): string[] {
  const rows = summary.run.plan.workloads.map(({ id, durationSeconds, omitSeconds }) => {
    const note = workloadNotes?.[id];
    return [
      codeSpan(id, true),
      `${formatQuantity(durationSeconds, 's')} after ${formatQuantity(omitSeconds, 's')}`,
      escapeMarkdown(note?.summary ?? ''),
      escapeMarkdown(note?.caveat ?? ''),
    ];
  });
  return rows.length > 0 ? [table(['workload', 'measured', 'what it does', "what it can't tell"], rows)] : [];
}

function fingerprintTable(summary: RunSummary): string {
  const engines = engineFacts(summary);
  if (engines.length === 0) return 'No fingerprint was recorded.';
  const names = [...new Set(engines.flatMap(({ facts }) => facts.map(([name]) => name)))];
  const rows = names.map((name) => [
    escapeMarkdown(name),
    ...engines.map(({ facts }) => codeSpan(facts.find(([candidate]) => candidate === name)?.[1] ?? '', true)),
  ]);
  const header = ['fact', ...engines.map(({ title }) => escapeMarkdown(title))];
  return `<details><summary>Fingerprint of ${engines.length} ${engines.length === 1 ? 'engine' : 'engines'}</summary>\n\n${table(header, rows)}\n\n</details>`;
}
