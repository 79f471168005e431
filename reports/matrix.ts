import type { MeasuredScenario, MetricSummary } from '../results/summary.ts';
import { changeText, shortChange, sideOf, sideWords } from './change-text.ts';
import { countedMark } from './counted-prose.ts';
import { formatQuantity } from './format.ts';
import { baselineNote } from './packet-sizes.ts';
import { failureWord, type PathVerdict, pathVerdict, witnessMarks } from './prose.ts';
import { headline, type RankedTopology, scenarioName } from './ranking.ts';
import { plainText } from './text.ts';

/** How bad a figure is, in steps of how many times worse it is; only where the interval says that it is worse at all. */
export type Grade = 'better' | 'unsure' | 'few' | 'slightly' | 'worse' | 'much' | 'far' | 'figure' | 'none';

/** A shade that needs no colour, and words. */
export const grades: Readonly<Record<Grade, { readonly shade: string; readonly word: string }>> = {
  better: { shade: '▲', word: sideWords.better },
  unsure: { shade: '≈', word: sideWords.unsure },
  few: { shade: '?', word: sideWords.few },
  slightly: { shade: '░', word: 'slightly worse' },
  worse: { shade: '▒', word: 'worse' },
  much: { shade: '▓', word: 'much worse' },
  far: { shade: '█', word: 'far worse' },
  figure: { shade: '', word: '' },
  none: { shade: '', word: '' },
};

/** Costs from which a figure is worse, much worse and far worse; below it is slightly so. */
const [worseFrom, muchFrom, farFrom] = [0.1, 0.5, 2];

export const matrixLegend =
  '▲ better · ≈ no difference shown · ░ slightly worse, less than 1.1 times · ▒ worse · ▓ much worse, 1.5 times and more · ' +
  '█ far worse, 3 times and more · ? too few blocks to tell.';

export interface MatrixCell {
  readonly grade: Grade;
  /** `−31 %`; of the baseline its figure; a dash where there is nothing. */
  readonly text: string;
  /** The figure itself beside its change; empty where the text is it. */
  readonly figure: string;
  /** `11.1 Gbit/s, −31 % [−35, −27], worse, n = 6`. */
  readonly detail: string;
}

/** All networks of a topology against all workloads: what each headline figure comes to, at a glance. */
export interface Matrix {
  readonly title: string;
  readonly baseline: string;
  readonly columns: readonly { readonly workload: string; readonly metric: string }[];
  readonly rows: readonly {
    readonly name: string;
    readonly mark: string;
    readonly verdict: PathVerdict;
    readonly isBaseline: boolean;
    readonly cells: readonly MatrixCell[];
  }[];
}

/** @param leftOut workloads that a table of their own shows */
export function matrixOf(ranked: RankedTopology, leftOut: ReadonlySet<string> = new Set()): Matrix {
  const shown = ranked.workloads.filter(({ id }) => !leftOut.has(id));
  // What the order is by comes first, wherever the plan has it.
  const workloads = [
    ...shown.filter(({ id }) => id === ranked.sortedBy),
    ...shown.filter(({ id }) => id !== ranked.sortedBy),
  ];
  return {
    title: ranked.title,
    baseline: plainText(ranked.baselineName ?? 'the baseline'),
    columns: workloads.map(({ id, metric }) => ({
      workload: plainText(id),
      metric: plainText(ranked.isCounted ? `${metric} (${countedMark})` : metric),
    })),
    rows: ranked.measured.map((scenario) => ({
      name: plainText(scenarioName(scenario)),
      mark: witnessMarks[pathVerdict(scenario.witness)],
      verdict: pathVerdict(scenario.witness),
      isBaseline: scenario.isBaseline,
      cells: workloads.map(({ id }) => cellOf(scenario, id)),
    })),
  };
}

function cellOf(scenario: MeasuredScenario, workload: string): MatrixCell {
  const metric = headline(scenario, workload);
  if (!metric) {
    const isTried = scenario.workloads.some(({ id }) => id === workload) || scenario.status !== 'ok';
    return { grade: 'none', text: isTried ? failureWord(scenario) : '–', figure: '', detail: '' };
  }
  const figure = formatQuantity(metric.median, metric.unit);
  const { overhead, better } = metric;
  if (!overhead) {
    const note = scenario.isBaseline ? ['baseline', baselineNote(scenario)] : ['not compared'];
    const detail = [figure, ...note, `n = ${metric.n}`].filter(Boolean).join(', ');
    return { grade: 'figure', text: figure, figure: '', detail };
  }
  const grade = gradeOf(metric, overhead);
  const detail = `${figure}, ${changeText(overhead, better, 0.95)}, ${grades[grade].word}, n = ${overhead.n}`;
  return { grade, text: shortChange(overhead.estimate, better), figure, detail };
}

function gradeOf(metric: MetricSummary, overhead: NonNullable<MetricSummary['overhead']>): Grade {
  const side = sideOf(overhead);
  if (side !== 'worse' || metric.better === 'neither') return side;
  const { estimate } = overhead;
  if (estimate >= farFrom) return 'far';
  if (estimate >= muchFrom) return 'much';
  return estimate >= worseFrom ? 'worse' : 'slightly';
}
