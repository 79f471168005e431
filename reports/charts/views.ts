import type { Unit } from '../../results/schema.ts';
import type { RunSummary } from '../../results/summary.ts';

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

/** Questions that readers come with, each with the measurements that answer it, the best first. */
const questions: readonly {
  readonly label: string;
  readonly answers: readonly (readonly [string, string])[];
  /** Said, and no button shown, where nothing that was measured may answer. */
  readonly otherwise?: string;
}[] = [
  { label: 'Throughput', answers: [['tcp-stream', 'goodput']] },
  {
    label: 'RTT p50',
    answers: [
      ['rtt', 'rtt-p50'],
      ['tcp-rr', 'rtt-p50'],
    ],
  },
  {
    label: 'RTT p99',
    // A closed loop leaves out the requests that a stall would have delayed, so that its tail understates.
    answers: [['rtt-open', 'rtt-p99']],
    otherwise:
      'No 99th percentile: only rtt-open, which counts from when each request was due, can tell it, in trials of two seconds (--profile publish, or --workload rtt-open --duration 2).',
  },
  { label: 'CPU per GB', answers: [['tcp-stream', 'cpu-per-gb']] },
  { label: 'Connections', answers: [['tcp-crr', 'connections']] },
  {
    label: 'Latency under load',
    answers: [
      ['rtt-loaded', 'rtt-p99'],
      ['rtt-loaded', 'rtt-p50'],
    ],
  },
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
  for (const { label, answers, otherwise } of questions) {
    const view = answers
      .map((answer) => found.get(answer.join('/')))
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
