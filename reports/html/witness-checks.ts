import type { RunRecord } from '../../results/schema.ts';
import { isMeasuredBlock } from '../../results/summary.ts';

/** One kind of check over all trials of a scenario. */
export interface CheckSummary {
  readonly name: string;
  readonly expected: string;
  /** What the last trial with this check saw. */
  readonly observed: string;
  readonly holds: number;
  readonly total: number;
}

/** scenario (and arm) → its checks, in the order in which they first appear. */
export type ChecksByScenario = ReadonlyMap<string, readonly CheckSummary[]>;

export function checksKey(scenario: string, arm: string | undefined): string {
  return `${scenario}\n${arm ?? ''}`;
}

/** Gathers what the witnesses checked, of measured trials, valid or not. */
export function checksByScenario(record: RunRecord): ChecksByScenario {
  const found = new Map<string, Map<string, CheckSummary>>();
  for (const trial of record.trials) {
    if (trial.status === 'failed' || !trial.witness || !isMeasuredBlock(trial)) continue;
    const key = checksKey(trial.scenario, trial.arm);
    const checks = found.get(key) ?? new Map<string, CheckSummary>();
    found.set(key, checks);
    for (const { name, expected, observed, holds } of trial.witness.checks) {
      const before = checks.get(name);
      checks.set(name, {
        name,
        expected,
        observed,
        holds: (before?.holds ?? 0) + (holds ? 1 : 0),
        total: (before?.total ?? 0) + 1,
      });
    }
  }
  return new Map([...found].map(([key, checks]) => [key, [...checks.values()]]));
}
