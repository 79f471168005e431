import type { Topology } from './scenario.ts';
import type { OkTrial, RunRecord, Timeline, Unit } from './schema.ts';
import { median } from './statistics/order.ts';
import { isMeasuredBlock } from './summary.ts';

/** One series of one workload over the time of a trial, a line for each scenario. */
export interface TimelineView {
  readonly topology: Topology;
  readonly workload: string;
  readonly series: string;
  readonly unit: Unit;
  /** Stretches with a name: medians over trials, in seconds. */
  readonly spans: Timeline['spans'];
  readonly lines: readonly {
    readonly scenario: string;
    /** Middle of each bin in seconds; the median over trials, and the least and greatest of them. */
    readonly points: readonly {
      readonly seconds: number;
      readonly value: number;
      readonly low: number;
      readonly high: number;
    }[];
  }[];
}

/** What trials kept of how their figures went over time, merged over the trials of each scenario; baseline first. */
export function timelinesOf({ run, trials }: RunRecord): TimelineView[] {
  const kept = trials.filter(
    (trial): trial is OkTrial & { timeline: Timeline } =>
      trial.status === 'ok' && isMeasuredBlock(trial) && trial.timeline !== undefined,
  );
  const scenarios = run.plan.scenarios.filter((scenario) => scenario.status === 'ready');
  const views: TimelineView[] = [];
  for (const topology of [...new Set(scenarios.map((scenario) => scenario.topology))]) {
    const here = scenarios
      .filter((scenario) => scenario.topology === topology)
      .sort((a, b) => Number(b.isBaseline) - Number(a.isBaseline));
    for (const workload of [...new Set(kept.map((trial) => trial.workload))]) {
      const own = kept.filter(
        (trial) => trial.workload === workload && here.some(({ id }) => id === trial.scenario),
      );
      const series = new Map(own.flatMap(({ timeline }) => timeline.series.map((each) => [each.name, each])));
      for (const { name, unit, binSeconds } of series.values()) {
        const ids = [...new Set(here.map(({ id }) => id))].filter((id) =>
          own.some(({ scenario }) => scenario === id),
        );
        views.push({
          topology,
          workload,
          series: name,
          unit,
          spans: spansOf(own),
          lines: ids.map((scenario) => ({
            scenario,
            points: merged(
              own.filter((trial) => trial.scenario === scenario),
              name,
              binSeconds,
            ),
          })),
        });
      }
    }
  }
  return views;
}

function spansOf(trials: readonly { timeline: Timeline }[]): Timeline['spans'] {
  const spans = trials.flatMap(({ timeline }) => timeline.spans);
  return [...new Set(spans.map(({ name }) => name))].map((name) => {
    const own = spans.filter((span) => span.name === name);
    return {
      name,
      fromSeconds: median(own.map(({ fromSeconds }) => fromSeconds)),
      toSeconds: median(own.map(({ toSeconds }) => toSeconds)),
    };
  });
}

function merged(trials: readonly { timeline: Timeline }[], series: string, binSeconds: number) {
  const bins = new Map<number, number[]>();
  for (const { timeline } of trials) {
    const own = timeline.series.find((each) => each.name === series && each.binSeconds === binSeconds);
    for (const [bin, value] of own?.bins ?? []) bins.set(bin, [...(bins.get(bin) ?? []), value]);
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([bin, values]) => ({
      seconds: (bin + 0.5) * binSeconds,
      value: median(values),
      low: Math.min(...values),
      high: Math.max(...values),
    }));
}
