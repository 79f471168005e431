import type { MetricId } from './compare.ts';
import type { Metric } from './schema.ts';
import { type ChangePoint, changePoints } from './statistics/change-points.ts';
import { median } from './statistics/order.ts';
import type { Estimate, RunSummary } from './summary.ts';

/** One run's place in a history. */
export interface HistoryPoint {
  readonly run: string;
  readonly label: string;
  readonly startedAt: string;
  /** Median of the metric, in its base unit. */
  readonly median: number;
  /** Against the run's own baseline; absent for the baseline itself. */
  readonly overhead?: Estimate;
}

/** How one figure went over many runs. */
export interface MetricHistory extends MetricId {
  readonly unit: Metric['unit'];
  readonly better: Metric['better'];
  /** What the changes were looked for in: overheads where there are any, which a faster machine does not move. */
  readonly follows: 'overhead' | 'median';
  /** By time. */
  readonly points: readonly HistoryPoint[];
  /** Advisory: where the figure seems to have changed. */
  readonly changes: readonly HistoryChange[];
}

export interface HistoryChange {
  /** The first run after the change, and the last one before it. */
  readonly run: string;
  readonly previousRun: string;
  /** Ratio minus one of the medians of the segments around it; positive is worse where one direction is. */
  readonly size: number;
  readonly probability: ChangePoint['probability'];
}

/**
 * Follows every figure over runs of the same matrix. Figures of unfinished and of emulated runs are left out.
 * @param summaries in any order
 */
export function history(summaries: readonly RunSummary[]): MetricHistory[] {
  const series = new Map<
    string,
    { id: MetricId; unit: Metric['unit']; better: Metric['better']; points: HistoryPoint[] }
  >();
  const usable = summaries.filter(({ run }) => run.state === 'finished' && !run.emulated);
  const ordered = [...usable].sort((a, b) => (a.run.startedAt < b.run.startedAt ? -1 : 1));
  for (const { run, topologies } of ordered) {
    for (const scenario of topologies.flatMap((topology) => topology.scenarios)) {
      if (scenario.status !== 'ok' || scenario.arm !== undefined) continue;
      for (const workload of scenario.workloads) {
        for (const { name, unit, better, median, overhead } of workload.metrics) {
          const id = { scenario: scenario.id, workload: workload.id, metric: name };
          const key = `${id.scenario} ${id.workload} ${id.metric}`;
          const entry = series.get(key) ?? { id, unit, better, points: [] };
          series.set(key, entry);
          entry.points.push({
            run: run.id,
            label: run.label,
            startedAt: run.startedAt,
            median,
            ...(overhead && { overhead }),
          });
        }
      }
    }
  }
  return [...series.values()].map(({ id, unit, better, points }) => {
    const follows = points.some((point) => point.overhead) ? 'overhead' : 'median';
    return { ...id, unit, better, follows, points, changes: changes(points, follows, better) };
  });
}

function changes(
  points: readonly HistoryPoint[],
  follows: MetricHistory['follows'],
  better: Metric['better'],
): HistoryChange[] {
  const sign = better === 'higher' ? -1 : 1;
  const values = points.flatMap((point) => {
    if (follows === 'overhead')
      return point.overhead ? [{ point, log: Math.log1p(point.overhead.estimate) }] : [];
    return point.median > 0 ? [{ point, log: sign * Math.log(point.median) }] : [];
  });
  const logs = values.map((each) => each.log);
  const found = changePoints(logs);
  return found.map(({ at, probability }, i) => {
    const before = logs.slice(found[i - 1]?.at ?? 0, at);
    const after = logs.slice(at, found[i + 1]?.at ?? logs.length);
    return {
      run: (values[at] as (typeof values)[number]).point.run,
      previousRun: (values[at - 1] as (typeof values)[number]).point.run,
      size: Math.expm1(median(after) - median(before)),
      probability,
    };
  });
}
