import type { Unit } from '../../results/schema.ts';
import type { RunSummary } from '../../results/summary.ts';
import type { Question } from '../../results/traits.ts';
import { answersTo } from '../../results/traits-of.ts';

/** One metric of one workload, as a thing to look at. */
export interface MetricView {
  /** `tcp-stream/goodput`. */
  readonly key: string;
  /** `Throughput`, or the workload and metric themselves. */
  readonly label: string;
  readonly workload: string;
  readonly metric: string;
  readonly unit: Unit;
  readonly better: 'higher' | 'lower' | 'neither';
  /** True for those that stand as buttons on the first screen. */
  readonly isMain: boolean;
}

/** The questions of the first screen, in its order. */
const questions: readonly {
  readonly label: string;
  readonly question: Question;
  /** Said, and no button shown, where nothing that was measured may answer. */
  readonly otherwise?: string;
}[] = [
  { label: 'Throughput', question: 'throughput' },
  { label: 'RTT p50', question: 'rtt-p50' },
  {
    label: 'RTT p99',
    question: 'rtt-p99',
    otherwise:
      'No 99th percentile: only rtt-open, which counts from when each request was due, can tell it, in trials of two seconds (--profile publish, or --workload rtt-open --duration 2).',
  },
  { label: 'CPU per GB', question: 'cpu' },
  { label: 'Connections', question: 'connections' },
  { label: 'Latency under load', question: 'loaded-latency' },
];

export interface MetricViews {
  /** Those that were measured: the main ones first, then all others in the order of the plan. */
  readonly views: readonly MetricView[];
  /** Labels of main questions that this run has no answer to. */
  readonly missing: readonly string[];
  /** What to say of those that not even a disabled button should hint at. */
  readonly unanswered: readonly string[];
}

/** What of a run can be looked at: every metric for which some scenario has a cost against the baseline. */
export function metricViews(summary: RunSummary): MetricViews {
  const found = new Map<string, MetricView>();
  for (const { scenarios } of summary.topologies) {
    for (const scenario of scenarios) {
      for (const workload of scenario.status === 'unsupported' ? [] : scenario.workloads) {
        for (const metric of workload.metrics) {
          const key = `${workload.id}/${metric.name}`;
          if (!metric.overhead || found.has(key)) continue;
          const { unit, better, name } = metric;
          found.set(key, {
            key,
            label: `${workload.id} ${name}`,
            workload: workload.id,
            metric: name,
            unit,
            better,
            isMain: false,
          });
        }
      }
    }
  }
  const main: MetricView[] = [];
  const missing: string[] = [];
  const unanswered: string[] = [];
  for (const { label, question, otherwise } of questions) {
    const view = answersTo(summary.run.plan, question)
      .map(({ workload, metric }) => found.get(`${workload}/${metric}`))
      .find((candidate) => candidate !== undefined);
    if (view) main.push({ ...view, label, isMain: true });
    else if (otherwise === undefined) missing.push(label);
    else unanswered.push(otherwise);
  }
  const taken = new Set(main.map(({ key }) => key));
  return {
    views: [...main, ...[...found.values()].filter(({ key }) => !taken.has(key))],
    missing,
    unanswered,
  };
}
