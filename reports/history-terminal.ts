import { changeRatio } from '../results/change.ts';
import type { MetricHistory } from '../results/history.ts';
import { shortChange } from './change-text.ts';
import { formatPercentChange, formatQuantity } from './format.ts';
import { labelled, printLines, type Span, span, type TerminalOptions } from './terminal-lines.ts';
import { displayWidth, pad, plainText, wrap } from './text.ts';

const shades = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const longestTrend = 30;

/** What a history prints beside its figures. */
export interface HistoryNotes {
  /** Number of runs that entered. */
  readonly runs: number;
  readonly warnings: readonly string[];
}

/** How figures went over runs, for a terminal: a trend per figure, and the changes below it. Advice, no verdict. */
export function renderHistoryTerminal(
  histories: readonly MetricHistory[],
  { runs, warnings }: HistoryNotes,
  options: TerminalOptions,
): string {
  const columns = Math.max(20, Math.floor(options.columns));
  const lines: Span[][] = labelled('history', `${runs} ${runs === 1 ? 'run' : 'runs'}`, columns, 'bold');
  for (const text of warnings) lines.push(...labelled('warning', plainText(text), columns, 'yellow'));
  if (runs < 2) {
    lines.push(...labelled('note', 'A trend needs at least two finished runs.', columns, 'yellow'));
  }
  for (const group of groups(histories)) {
    const [first] = group;
    if (!first) continue;
    lines.push([], [span(plainText(`${first.workload} ${first.metric}`), 'bold')]);
    lines.push(...group.flatMap((history) => figureLines(history, group, columns)));
  }
  lines.push([]);
  for (const line of wrap(legend, columns)) lines.push([span(line, 'dim')]);
  return printLines(lines, { columns, colour: options.colour });
}

const legend =
  'Trend: oldest left, low to high. Networks are followed by their change against the host of the same run, the host by ' +
  'its own values. Changes (E-divisive, permutation test) are advice; verdicts come from `tare gate`.';

function groups(histories: readonly MetricHistory[]): MetricHistory[][] {
  const byFigure = new Map<string, MetricHistory[]>();
  for (const history of histories) {
    const key = `${history.workload}\n${history.metric}`;
    byFigure.set(key, [...(byFigure.get(key) ?? []), history]);
  }
  return [...byFigure.values()];
}

function figureLines(history: MetricHistory, group: readonly MetricHistory[], columns: number): Span[][] {
  const widest = (text: (each: MetricHistory) => string) =>
    Math.max(...group.map((each) => displayWidth(text(each))));
  const name = ({ scenario }: MetricHistory) => plainText(scenario);
  const nameColumns = Math.min(widest(name), Math.max(12, Math.floor(columns * 0.3)));
  const lines: Span[][] = [
    [
      span(`  ${pad(name(history), nameColumns)}  `),
      span(pad(trend(history), widest(trend))),
      span(`  ${fromTo(history)}`),
    ],
  ];
  for (const { run, previousRun, size, probability } of history.changes) {
    const direction = history.better === 'neither' ? '' : size > 0 ? ' worse' : ' better';
    const text = `changed by ${shortChange(size, history.better)}${direction} at ${plainText(run)}, after ${plainText(previousRun)} (p = ${probability.toFixed(3)})`;
    for (const line of wrap(text, columns - 4)) {
      lines.push([span(`    ${line}`, size > 0 && direction ? 'red' : 'yellow')]);
    }
  }
  return lines;
}

/** What the figure is followed by, run by run; a run that lacks it is left out. */
function followed({ points, follows, better }: MetricHistory): number[] {
  return points.flatMap(({ median, overhead }) => {
    if (follows === 'median') return [median];
    return overhead ? [changeRatio(overhead.estimate, better)] : [];
  });
}

/** `▂▂▁▇█` over the last runs. */
export function trend(history: MetricHistory): string {
  const values = followed(history).slice(-longestTrend);
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return values
    .map((value) => shades[span > 0 ? Math.round(((value - low) / span) * (shades.length - 1)) : 3])
    .join('');
}

function fromTo(history: MetricHistory): string {
  const values = followed(history);
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return '–';
  const text = (value: number) =>
    history.follows === 'median' ? formatQuantity(value, history.unit) : formatPercentChange(value);
  return values.length === 1 ? text(first) : `${text(first)} → ${text(last)} (${values.length} runs)`;
}
