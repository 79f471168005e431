import { oneReason, reasonKind } from './reason-text.ts';
import type { Trial } from './schema.ts';
import type { TrialCounts, WitnessSummary } from './summary.ts';
import { warningText } from './warning-text.ts';
import type { TrialWarning } from './warnings.ts';

/** How trials ended, with the reasons by frequency. */
export function countTrials(trials: readonly Trial[]): TrialCounts {
  const counts = { ok: 0, invalid: 0, failed: 0 };
  const reasons = new Map<string, TrialCounts['reasons'][number]>();
  for (const trial of trials) {
    counts[trial.status] += 1;
    if (trial.status === 'ok') continue;
    const key = `${trial.status} ${reasonKind(trial.reason)}`;
    const known = reasons.get(key);
    const common = oneReason(known, { reason: trial.reason, isVaried: false });
    reasons.set(key, { ...common, status: trial.status, count: (known?.count ?? 0) + 1 });
  }
  return { ...counts, reasons: [...reasons.values()].sort((a, b) => b.count - a.count) };
}

/** What the witnesses of trials said; the worst verdict speaks for all. */
export function countWitnesses(trials: readonly Trial[]): WitnessSummary {
  const counts = { proven: 0, refuted: 0, unobserved: 0, absent: 0 };
  const sentences: Partial<Record<keyof typeof counts, string>> = {};
  for (const trial of trials) {
    if (trial.status === 'failed') continue;
    const verdict = trial.witness?.verdict ?? 'absent';
    counts[verdict] += 1;
    if (trial.witness) sentences[verdict] ??= trial.witness.summary;
  }
  const worst = (['refuted', 'unobserved', 'absent', 'proven'] as const).find((each) => counts[each] > 0);
  const verdict = worst ?? 'absent';
  const sentence = sentences[verdict];
  return { ...counts, verdict, ...(sentence !== undefined && { sentence }) };
}

/** Warnings of trials, each once, the most frequent first. */
export function countWarnings(trials: readonly Trial[]): { warning: TrialWarning; count: number }[] {
  const counts = new Map<string, { warning: TrialWarning; count: number }>();
  for (const trial of trials) {
    const own = new Map(trial.warnings.map((warning) => [warningText(warning), warning]));
    for (const [text, warning] of own)
      counts.set(text, { warning, count: (counts.get(text)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
