import { changeOf, worseningOf } from '../results/change.ts';
import type { GateResult } from '../results/gate.ts';
import type { MeasuredScenario, MetricSummary, RunSummary } from '../results/summary.ts';
import { bar, barScale } from './bar.ts';
import { changeText, sideOf, sideWords } from './change-text.ts';
import { formatInterval, formatPercentChange, formatQuantity, hasInterval } from './format.ts';
import { judgedLines } from './gate-prose.ts';
import { matrixOf } from './matrix.ts';
import { matrixLines } from './matrix-terminal.ts';
import { baselineNote, packetSizeSentence } from './packet-sizes.ts';
import { failureWord, headerLines, legend, notes, pathVerdict, witnessMarks } from './prose.ts';
import { columnTitle, headline, type RankedTopology, rankAll, scenarioName } from './ranking.ts';
import { sweepTables } from './sweep-table.ts';
import { sweepLines } from './sweep-terminal.ts';
import { labelled, printLines, type Span, type Style, span, type TerminalOptions } from './terminal-lines.ts';
import { displayWidth, pad, plainText, wrap } from './text.ts';

export { type TerminalOptions, terminalOptions } from './terminal-lines.ts';

/**
 * The table of a run for a terminal: one block per topology, what is wrong below it, how sure it is above.
 * @param judged how the run was judged, where it is a live comparison
 */
export function renderTerminal(summary: RunSummary, options: TerminalOptions, judged?: GateResult): string {
  const columns = Math.max(20, Math.floor(options.columns));
  const ranked = rankAll(summary);
  const lines: Span[][] = [];
  for (const { label, text } of headerLines(summary, ranked))
    lines.push(...labelled(label, text, columns, 'bold'));
  for (const { label, text } of judged ? judgedLines(judged) : [])
    lines.push(...labelled(label, text, columns, 'bold'));
  const tables = sweepTables(summary);
  const inTables = new Set(tables.flatMap(({ workloads }) => workloads));
  for (const topology of ranked) lines.push([], ...renderTopology(topology, columns, inTables));
  lines.push(...sweepLines(tables, columns));
  lines.push([]);
  for (const { label, text } of notes(summary)) lines.push(...labelled(label, text, columns, 'yellow'));
  for (const text of legend(ranked)) {
    for (const line of wrap(text, columns)) lines.push([span(line, 'dim')]);
  }
  return printLines(lines, { columns, colour: options.colour });
}

/** Workloads beside the first that are shown with their intervals. */
const mostBands = 3;

/** @param inTables workloads that a table of their own shows */
function renderTopology(ranked: RankedTopology, columns: number, inTables: ReadonlySet<string>): Span[][] {
  const against = ranked.baselineName
    ? `against ${plainText(ranked.baselineName)}`
    : 'no baseline to compare with';
  const lines: Span[][] = [[span(ranked.title, 'bold'), span(` · ${against}`, 'dim')]];
  const names = [...ranked.measured, ...ranked.unsupported].map((scenario) =>
    plainText(scenarioName(scenario)),
  );
  const nameColumns = Math.min(
    Math.max(12, ...names.map(displayWidth)),
    Math.max(12, Math.floor(columns * 0.3)),
  );
  if (ranked.measured.length === 0) lines.push([span('  nothing was measured', 'dim')]);
  const first = ranked.sortedBy ?? ranked.workloads[0]?.id;
  if (first !== undefined) lines.push(...mainBand(ranked, first, nameColumns, columns));
  const left = new Set([...inTables, ...(first === undefined ? [] : [first])]);
  const others = ranked.workloads.filter(({ id }) => !left.has(id)).length;
  // A wall of columns tells nothing: beyond a few workloads it is a matrix, and the intervals stand behind it.
  if (others > mostBands) lines.push(...matrixLines(matrixOf(ranked, left), nameColumns, columns));
  else lines.push(...otherBands(ranked, left, nameColumns, columns));
  for (const scenario of first === undefined ? ranked.measured : []) {
    lines.push([
      span(`  ${pad(plainText(scenarioName(scenario)), nameColumns)}  `),
      span(failureWord(scenario), 'red'),
    ]);
  }
  const sizes = packetSizeSentence(ranked);
  for (const line of sizes === undefined ? [] : wrap(sizes, columns - 2))
    lines.push([span(`  ${line}`, 'dim')]);
  if (ranked.unsupported.length > 0) lines.push([]);
  for (const scenario of ranked.unsupported) {
    const name = `  ${pad(plainText(scenarioName(scenario)), nameColumns)}  `;
    const text = `not supported: ${plainText(scenario.reason)} → ${plainText(scenario.remedy)}`;
    wrap(text, columns - nameColumns - 4).forEach((line, index) => {
      lines.push([span(index === 0 ? name : ' '.repeat(nameColumns + 4), 'dim'), span(line, 'dim')]);
    });
  }
  return lines;
}

/** The workload that the order is by: figure, change, interval, word, and a bar of what is lost. */
function mainBand(ranked: RankedTopology, workload: string, nameColumns: number, columns: number): Span[][] {
  const rows = ranked.measured.map((scenario) => ({ scenario, metric: headline(scenario, workload) }));
  const compared = rows.flatMap(({ metric }) =>
    metric?.overhead ? [{ cost: metric.overhead, better: metric.better }] : [],
  );
  const intervalColumns = Math.max(
    8,
    ...compared.map(({ cost, better }) => {
      const { interval } = changeOf(cost, better);
      return interval ? formatInterval(interval).length : 0;
    }),
  );
  const wordColumns = Math.max(0, ...compared.map(({ cost }) => sideWords[sideOf(cost)].length));
  const scale = barScale(
    compared.map(({ cost, better }) => worseningOf(cost, better)),
    columns - nameColumns - intervalColumns - wordColumns - 36,
  );
  const title = plainText(columnTitle(ranked, workload));
  const lines: Span[][] = [[span(`  ${pad('', nameColumns)}    ${title}`, 'dim')]];
  for (const { scenario, metric } of rows) {
    const line = [nameCell(scenario, nameColumns), markCell(scenario)];
    if (!metric) {
      lines.push([
        ...line,
        span(` ${pad(failureWord(scenario), 13, 'right')}`, scenario.status === 'ok' ? 'dim' : 'red'),
      ]);
      continue;
    }
    line.push(span(` ${pad(formatQuantity(metric.median, metric.unit), 13, 'right')}`));
    if (scenario.isBaseline) {
      const note = plainText(baselineNote(scenario));
      line.push(span(`  ${pad('baseline', 9, 'right')}${note && `, ${note}`}`, 'dim'));
    } else if (metric.overhead) {
      const style = overheadStyle(metric.overhead);
      const { estimate, interval } = changeOf(metric.overhead, metric.better);
      line.push(span(`  ${pad(formatPercentChange(estimate), 9, 'right')}`, style));
      line.push(span(`  ${pad(interval ? formatInterval(interval) : '(n = 1)', intervalColumns)}`, 'dim'));
      line.push(span(`  ${pad(sideWords[sideOf(metric.overhead)], wordColumns)}`, style));
      if (scale) line.push(span(`  ${bar(worseningOf(metric.overhead, metric.better), scale)}`));
    } else {
      line.push(span(`  ${pad('–', 9, 'right')}`, 'dim'));
    }
    lines.push(line);
  }
  return lines;
}

/** The other workloads, as many side by side as fit; below the baseline's figures, changes with intervals. */
function otherBands(
  ranked: RankedTopology,
  leftOut: ReadonlySet<string>,
  nameColumns: number,
  columns: number,
): Span[][] {
  const workloads = ranked.workloads.filter(({ id }) => !leftOut.has(id));
  if (workloads.length === 0) return [];
  const table = workloads.map(({ id }) => {
    const cells = ranked.measured.map((scenario) => compactCell(scenario, id));
    const header = plainText(columnTitle(ranked, id));
    const [name, rest] = [plainText(id), header.slice(plainText(id).length + 1)];
    const width = Math.max(15, ...[...cells.map(({ text }) => text), name, rest].map(displayWidth));
    return { cells, width, header: displayWidth(header) <= width ? [header, ''] : [name, rest] };
  });
  const lines: Span[][] = [];
  const room = columns - nameColumns - 4;
  for (let start = 0; start < table.length; ) {
    let end = start + 1;
    let used = table[start]?.width ?? 0;
    while (end < table.length && used + 2 + (table[end]?.width ?? 0) <= room) {
      used += 2 + (table[end]?.width ?? 0);
      end += 1;
    }
    const band = table.slice(start, end);
    lines.push([]);
    for (const row of [0, 1]) {
      if (!band.some(({ header }) => header[row])) continue;
      const titles = band.map(({ header, width }) => pad(header[row] ?? '', width)).join('  ');
      lines.push([span(`  ${pad('', nameColumns)}  ${titles}`, 'dim')]);
    }
    ranked.measured.forEach((scenario, index) => {
      const cells = band.map(({ cells, width }) => {
        const cell = cells[index] ?? span('–', 'dim');
        return span(`  ${pad(cell.text, width)}`, cell.style);
      });
      lines.push([nameCell(scenario, nameColumns), ...cells]);
    });
    start = end;
  }
  return lines;
}

function compactCell(scenario: MeasuredScenario, workload: string): Span {
  const metric = headline(scenario, workload);
  if (!metric) return span(scenario.workloads.some(({ id }) => id === workload) ? 'no figure' : '–', 'dim');
  if (scenario.isBaseline || !metric.overhead) return span(formatQuantity(metric.median, metric.unit));
  return span(changeText(metric.overhead, metric.better, 0), overheadStyle(metric.overhead));
}

/** Red and green only where the interval leaves zero out: what is not sure is not coloured. */
function overheadStyle(overhead: NonNullable<MetricSummary['overhead']>): Style {
  if (!hasInterval(overhead)) return 'plain';
  if (overhead.interval.low > 0.1) return 'red';
  if (overhead.interval.low > 0) return 'yellow';
  return overhead.interval.high < 0 ? 'green' : 'plain';
}

function nameCell(scenario: MeasuredScenario, columns: number): Span {
  return span(`  ${pad(plainText(scenarioName(scenario)), columns)}`, scenario.isBaseline ? 'bold' : 'plain');
}

function markCell(scenario: MeasuredScenario): Span {
  const verdict = pathVerdict(scenario.witness);
  const style = {
    proven: 'green',
    partly: 'yellow',
    refuted: 'red',
    unobserved: 'yellow',
    absent: 'dim',
  } as const;
  return span(` ${witnessMarks[verdict]} `, style[verdict]);
}
