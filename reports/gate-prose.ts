import type { GatedMetric, GateResult } from '../results/gate.ts';
import type { Verdict } from '../results/json-output.ts';
import type { Undecided } from '../results/verdict.ts';
import { changeText as textOfChange } from './change-text.ts';
import { countedMark, countedNote, countedPercent, recipeTexts } from './counted-prose.ts';
import { formatFloor, formatPercentChange, formatQuantity } from './format.ts';
import type { Remark } from './prose.ts';
import { plainText } from './text.ts';

export const verdictMarks: Readonly<Record<Verdict, string>> = {
  pass: '✓',
  improved: '▲',
  regressed: '✗',
  inconclusive: '?',
  invalid: '!',
};

/** The worst first: what a reader must see. */
const severity: readonly Verdict[] = ['regressed', 'inconclusive', 'improved', 'pass'];

/** `2 regressed, 11 pass`, or why nothing was judged. */
export function verdictCounts({ metrics }: GateResult): string {
  const counts = severity.map((verdict) => ({
    verdict,
    count: metrics.filter((metric) => metric.verdict === verdict).length,
  }));
  const shown = counts.filter(({ count }) => count > 0).map(({ verdict, count }) => `${count} ${verdict}`);
  return shown.length > 0 ? shown.join(', ') : 'no figure was judged';
}

/** The verdict in a sentence: what was found in which figures, or why there is none. */
export function verdictSentence(result: GateResult): string {
  if (result.verdict === 'invalid') return `invalid: ${plainText(result.reason ?? 'it cannot be judged')}`;
  return `${result.verdict}: ${verdictCounts(result)}`;
}

/** What a live comparison's own report says of its verdict: the sentence, and what to do where there is none. */
export function judgedLines(result: GateResult): Remark[] {
  const remedy = result.remedy === undefined ? [] : [{ label: 'remedy', text: plainText(result.remedy) }];
  return [{ label: 'verdict', text: `head against base: ${verdictSentence(result)}` }, ...remedy];
}

/** Why nothing can be said of a figure, as a person reads it. */
export const undecidedWords: Readonly<Record<Undecided, string>> = {
  'too-few-blocks': 'too few blocks for any verdict at this confidence',
  'too-few-blocks-for-so-many':
    'its interval lies above delta, but with so few blocks not even the clearest change could be told among so many metrics',
  'too-close-for-so-many':
    'its interval lies above delta, but not by enough for so many metrics looked at together',
  'interval-includes-delta': 'its interval includes delta',
  'not-seen-again': 'it seemed worse and, measured again, was not beyond doubt',
  'other-than-baseline':
    'it is no worse, yet not what the baseline says: write the baseline anew if that is meant',
};

/**
 * Head against base in the figure's own direction: `−10 % [−12, −7]`; `+0.24 %` in counted time, whose range is as narrow
 * as its repeatability.
 */
export function changeText({
  shift,
  better,
  unit,
}: Pick<GatedMetric, 'shift' | 'better'> & Partial<Pick<GatedMetric, 'unit'>>): string {
  return unit === 'instructions' ? countedPercent(shift.estimate) : textOfChange(shift, better);
}

/** `tcp-rr transactions`; `tcp-rr instructions, counted`. */
export function figureName({
  workload,
  metric,
  unit,
}: Pick<GatedMetric, 'workload' | 'metric' | 'unit'>): string {
  return plainText(`${workload} ${metric}${unit === 'instructions' ? `, ${countedMark}` : ''}`);
}

/** The tolerated change: `±3 %`, `±0.5 %`; in counted time with hundredths. */
export function toleratedText({ delta, unit }: Pick<GatedMetric, 'delta' | 'unit'>): string {
  return `±${unit === 'instructions' ? countedPercent(delta).replace('+', '') : formatFloor(delta)}`;
}

/** `9.10 → 8.20 Gbit/s`. */
export function mediansText({ base, head, unit }: Pick<GatedMetric, 'base' | 'head' | 'unit'>): string {
  // Their unit is in the figure's name.
  const shown = unit === 'instructions' ? 'count' : unit;
  return `${formatQuantity(rounded(base.median, unit), shown)} → ${formatQuantity(rounded(head.median, unit), shown)}`;
}

/** Instructions of less than a hundred, as of a KiB, keep their decimals. */
const rounded = (value: number, unit: GatedMetric['unit']): number =>
  unit === 'instructions' && value >= 100 ? Math.round(value) : value;

/** Figures of one workload and metric, the worst scenario first. */
export interface MetricGroup {
  readonly workload: string;
  readonly metric: string;
  readonly title: string;
  readonly rows: readonly GatedMetric[];
}

/** Figures by workload and metric; groups and rows with the worst verdict come first. */
export function metricGroups(metrics: readonly GatedMetric[]): MetricGroup[] {
  const groups = new Map<string, GatedMetric[]>();
  for (const metric of metrics) {
    const key = `${metric.workload}\n${metric.metric}`;
    groups.set(key, [...(groups.get(key) ?? []), metric]);
  }
  const rank = ({ verdict }: GatedMetric) => severity.indexOf(verdict);
  const sorted = [...groups.values()].map((rows) =>
    [...rows].sort((a, b) => rank(a) - rank(b) || b.shift.estimate - a.shift.estimate),
  );
  return sorted
    .map((rows) => ({ rows, rank: Math.min(...rows.map(rank)) }))
    .sort((a, b) => a.rank - b.rank)
    .flatMap(({ rows }) => {
      const [first] = rows;
      return first
        ? [{ workload: first.workload, metric: first.metric, title: figureName(first), rows }]
        : [];
    });
}

/** What must be known beside the figures, the gravest first: why it is invalid, other machines, what has no figure. */
export function gateRemarks(result: GateResult): Remark[] {
  const remarks: Remark[] = [];
  if (result.remedy !== undefined) remarks.push({ label: 'remedy', text: plainText(result.remedy) });
  if (result.blocksToDecide !== undefined) {
    remarks.push({
      label: 'remedy',
      text: `about ${result.blocksToDecide} blocks in all would decide it (--blocks)`,
    });
  }
  for (const text of result.counted ? recipeTexts(result.counted) : [])
    remarks.push({ label: 'recipe', text });
  for (const { role, fact, base, head, isOtherMachine } of result.differences) {
    remarks.push({
      label: isOtherMachine ? 'machine' : 'differs',
      text: plainText(`${fact} of ${role}: ${base ?? 'not read'} → ${head ?? 'not read'}`),
    });
  }
  for (const control of result.controls) {
    const { scenario, workload, metric } = control;
    if (control.holds) continue;
    remarks.push({
      label: 'control',
      text: plainText(`${scenario} ${workload} ${metric} moved by ${changeText(control)}, and must not`),
    });
  }
  for (const refusal of result.refusals) {
    // The verdict's own line tells it.
    if (refusal === result.refusedBy) continue;
    const { what, reason, remedy } = refusal;
    remarks.push({ label: 'refused', text: plainText(`${what}: ${reason} → ${remedy}`) });
  }
  for (const text of result.warnings) remarks.push({ label: 'warning', text: plainText(text) });
  return remarks;
}

/** How to read the figures. */
export function gateLegend({ options, controls, counted }: GateResult): string {
  if (counted) {
    return (
      'Change: instructions for a unit of work, head against base, positive is longer; regressed where every trial is ' +
      `beyond the tolerated change, whatever repeated trials differ by. ${countedNote}`
    );
  }
  const held = controls.filter(({ holds }) => holds).length;
  const control =
    controls.length > 0 ? ` ${held} of ${controls.length} controls (the host itself) hold.` : '';
  return (
    'Change: head against base, in the figure’s own direction (of two stored runs each is first held against its own host); regressed where it is worse by more than the tolerated change ' +
    `beyond doubt (error rate ${formatPercentChange(options.alpha / 2).replace('+', '')} over all figures together), ` +
    `pass where it is not.${control}`
  );
}
