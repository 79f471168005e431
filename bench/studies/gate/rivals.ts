import type { OkTrial, Trial } from '../../../results/schema.ts';
import { probabilityShiftAbove } from '../../../results/statistics/hodges-lehmann.ts';

/** A figure's raw values in both runs, positive direction worse once multiplied by the sign. */
interface RawMetric {
  readonly base: readonly number[];
  readonly head: readonly number[];
  readonly sign: 1 | -1;
}

export type RivalName = (typeof rivalNames)[number];
export const rivalNames = [
  'mean of 3, 10 %',
  'mean of all, 10 %',
  'Mann–Whitney, p < 0.05',
  'ratio > 150 %',
] as const;

/**
 * Whether a rule in common use would have failed the build, over all figures: the change for the worse only, as CI
 * gates do, except that Mann–Whitney is two-sided in its p-value as benchstat's is.
 */
export function rivalAlarms(base: readonly Trial[], head: readonly Trial[]): Record<RivalName, boolean> {
  const metrics = rawMetrics(base, head);
  return {
    'mean of 3, 10 %': metrics.some(
      ({ base: b, head: h, sign }) => worsening(mean(threeOf(b)), mean(threeOf(h)), sign) > 0.1,
    ),
    'mean of all, 10 %': metrics.some(
      ({ base: b, head: h, sign }) => worsening(mean(b), mean(h), sign) > 0.1,
    ),
    'Mann–Whitney, p < 0.05': metrics.some(({ base: b, head: h, sign }) => {
      const [worse, other] = sign === 1 ? [h, b] : [b, h];
      return probabilityShiftAbove(worse, other, 0) < 0.025;
    }),
    'ratio > 150 %': metrics.some(({ base: b, head: h, sign }) => worsening(mean(b), mean(h), sign) > 0.5),
  };
}

function rawMetrics(base: readonly Trial[], head: readonly Trial[]): RawMetric[] {
  const before = valuesByMetric(base);
  return [...valuesByMetric(head)].flatMap(([key, { values, sign }]) => {
    const counterpart = before.get(key);
    return counterpart ? [{ base: counterpart.values, head: values, sign }] : [];
  });
}

function valuesByMetric(trials: readonly Trial[]): Map<string, { values: number[]; sign: 1 | -1 }> {
  const found = new Map<string, { values: number[]; sign: 1 | -1 }>();
  for (const trial of trials) {
    if (trial.status !== 'ok' || trial.block < 0) continue;
    const metric = (trial as OkTrial).metrics[0];
    if (!metric || metric.better === 'neither') continue;
    const key = `${trial.scenario} ${trial.workload} ${metric.name}`;
    const entry = found.get(key) ?? { values: [], sign: metric.better === 'lower' ? 1 : -1 };
    entry.values.push(metric.value);
    found.set(key, entry);
  }
  return found;
}

/** The ratio by which the head is worse, minus one. */
function worsening(base: number, head: number, sign: 1 | -1): number {
  return (head / base) ** sign - 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** First, middle and last: three trials spread over the run, which is kind to the rule. */
function threeOf(values: readonly number[]): number[] {
  const last = values.length - 1;
  return [0, last >> 1, last].map((i) => values[i] as number);
}
