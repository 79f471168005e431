import { commonReasonText } from '../results/reason-text.ts';
import type { MeasuredScenario, RunSummary, WitnessSummary } from '../results/summary.ts';
import { signLegend } from './change-text.ts';
import { formatElapsed, formatFloor, formatMoment, formatQuantity, formatShare } from './format.ts';
import { intervalAssumption } from './method.ts';
import {
  certaintyNote,
  type GroupedWarning,
  losses,
  type NoiseFloors,
  noiseFloors,
  occasionalNote,
  otherWarnings,
  type RankedTopology,
  runWideWarnings,
  totalCounts,
} from './ranking.ts';
import { testbed } from './testbed.ts';
import { plainText } from './text.ts';
import { topologyPhrase } from './topology-title.ts';

/** One line of a report's head or foot: what it is about, and the sentence. Harmless text, not yet escaped. */
export interface Remark {
  readonly label: string;
  readonly text: string;
}

export type PathVerdict = WitnessSummary['verdict'] | 'partly';

/** `partly`: some trials took another path; they are left out, and the rest are proven. */
export function pathVerdict({ verdict, proven }: WitnessSummary): PathVerdict {
  return verdict === 'refuted' && proven > 0 ? 'partly' : verdict;
}

export const witnessMarks: Readonly<Record<PathVerdict, string>> = {
  proven: '✓',
  partly: '!',
  refuted: '✗',
  unobserved: '?',
  absent: '·',
};

export const witnessWords: Readonly<Record<PathVerdict, string>> = {
  proven: 'path proven',
  partly: 'path proven, but for trials left out',
  refuted: 'path refuted',
  unobserved: 'path not observed',
  absent: 'no witness',
};

/** What the run was, and how much of its figures to believe. */
export function headerLines(summary: RunSummary, ranked: readonly RankedTopology[]): Remark[] {
  const { run } = summary;
  const label = plainText(run.label);
  const remarks: Remark[] = [
    { label: 'run', text: `${plainText(run.id)}${label ? ` · ${label}` : ''}` },
    { label: '', text: planSentence(summary) },
    { label: '', text: countSentence(summary) },
  ];
  const known = testbed(summary, ranked);
  if (known) {
    remarks.push({ label: 'machine', text: `${known.machine}. ${known.sentences.join(' ')}` });
  }
  for (const text of runWideWarnings(summary)) remarks.push({ label: 'note', text: plainText(text) });
  const { plan } = summary.run;
  for (const text of [certaintyNote(ranked, plan), occasionalNote(plan)]) {
    if (text) remarks.push({ label: 'note', text: plainText(text) });
  }
  return remarks;
}

/** `quick profile · 4 blocks · seed 1 · 2026-08-01 12:30 UTC`. */
export function planSentence({ run }: RunSummary): string {
  const blocks = `${run.plan.blocks} ${run.plan.blocks === 1 ? 'block' : 'blocks'}`;
  return `${plainText(run.plan.profile)} profile · ${blocks} · seed ${run.plan.seed} · ${plainText(formatMoment(run.startedAt))}`;
}

/** `312 trials count, 3 invalid, 1 failed · measured 3 min 02 s of 3 min 53 s (78 %)`. */
export function countSentence(summary: RunSummary): string {
  const { ok, invalid, failed } = totalCounts(summary);
  const counts = [`${formatQuantity(ok, 'count')} ${ok === 1 ? 'trial counts' : 'trials count'}`];
  if (invalid > 0) counts.push(`${invalid} invalid`);
  if (failed > 0) counts.push(`${failed} failed`);
  const { measuredSeconds, wallSeconds } = summary.run;
  const share = wallSeconds > 0 ? ` (${formatShare(measuredSeconds / wallSeconds)})` : '';
  return `${counts.join(', ')} · measured ${formatElapsed(measuredSeconds)} of ${formatElapsed(wallSeconds)}${share}`;
}

const shownWarnings = 12;

/** Trials lost and warnings, each once. Long lists are cut; what is left out is counted. */
export function notes(summary: RunSummary, limit = shownWarnings): Remark[] {
  const lost = losses(summary).map(({ scenarios, status, count, ...common }) => ({
    label: status,
    text: `${count} ${count === 1 ? 'trial' : 'trials'}: ${plainText(commonReasonText(common))} (${listed(scenarios.map(({ id }) => id))})`,
  }));
  const warnings = otherWarnings(summary).map((warning) => ({
    label: 'warning',
    text: warningSentence(warning),
  }));
  return [...cut(lost, limit), ...cut(warnings, limit)];
}

function cut(remarks: readonly Remark[], limit: number): Remark[] {
  if (remarks.length <= limit) return [...remarks];
  const left = remarks.length - limit;
  return [...remarks.slice(0, limit), { label: '', text: `and ${left} more; report.html has them all` }];
}

/** The warning's text, then what else it holds for. */
export function warningSentence({ text, alike }: GroupedWarning): string {
  return alike.length === 0 ? plainText(text) : `${plainText(text)} (alike: ${listed(alike)})`;
}

function listed(subjects: readonly string[]): string {
  const more = subjects.length > 4 ? ` and ${subjects.length - 4} more` : '';
  return `${subjects.slice(0, 4).map(plainText).join(', ')}${more}`;
}

/** `11 % (4.1 % of bridge to 53 % of bridge-proxy)`; `11 %` of one network. */
export function floorText({ median, least, most }: NoiseFloors): string {
  if (least === most) return formatFloor(median);
  const [from, to] = [least, most].map(
    ({ network, effect }) => `${formatFloor(effect)} of ${plainText(network)}`,
  );
  return `${formatFloor(median)} (${from} to ${to})`;
}

/** How to read the table. */
export function legend(ranked: readonly RankedTopology[]): string[] {
  const lines: string[] = [];
  for (const topology of ranked) {
    const floors = noiseFloors(topology);
    if (floors.length === 0) continue;
    const list = floors.map((floor) => `${plainText(floor.workload)} ${floorText(floor)}`).join('; ');
    lines.push(
      `Noise floor, ${topologyPhrase(topology.title)} (a smaller effect could have gone unseen), median of the networks and range: ${list}.`,
    );
  }
  if (ranked.some(({ sortedBy }) => sortedBy !== undefined)) {
    lines.push(
      ...signLegend,
      'Bar, where there is one: the change for the worse, █ at least, ▒ at most. Path: ✓ proven by counters, ! proven but for ' +
        `trials left out, ✗ refuted, ? not observed, · no witness. ${intervalAssumption}`,
    );
  }
  return lines;
}

/** Why a scenario has no figure, in one or two words. */
export function failureWord(scenario: MeasuredScenario): string {
  if (scenario.status === 'ok') return 'no figure';
  const { invalid, failed } = scenario.counts;
  return invalid + failed === 0 ? 'not measured' : scenario.status;
}
