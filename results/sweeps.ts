import { scenarioId, type Topology } from './scenario.ts';
import type { Metric, Unit } from './schema.ts';
import { hodgesLehmann } from './statistics/hodges-lehmann.ts';
import type { MeasuredScenario, MetricSummary, RunSummary } from './summary.ts';
import { workloadTraitsOf } from './traits-of.ts';

/** What was varied: bytes of a message, bytes of MTU, streams or pairs at once. */
export const sweptSettings = ['size', 'mtu', 'streams', 'pairs'] as const;
export type Swept = (typeof sweptSettings)[number];

/** One point of a line: a metric at one value of what was varied, in the metric's base unit. */
export interface SweepPoint {
  readonly at: number;
  /** Hodges–Lehmann estimate of the trials' values, made on their logarithms. */
  readonly value: number;
  /** Its interval, and the confidence that it holds; absent where a single trial counts. */
  readonly low?: number;
  readonly high?: number;
  readonly confidence?: number;
  readonly n: number;
  /** Cost against the baseline at this same point; positive is worse. Absent for the baseline. */
  readonly overhead?: number;
}

export interface SweepLine {
  /** Scenario id, without the option that was varied. */
  readonly scenario: string;
  readonly isBaseline: boolean;
  /** Ascending. */
  readonly points: readonly SweepPoint[];
}

/** One metric of one workload over the points of what was varied, a line for each scenario. */
export interface Sweep {
  readonly topology: Topology;
  readonly setting: Swept;
  /** Without the setting that was varied. */
  readonly workload: string;
  readonly metric: string;
  readonly unit: Unit;
  readonly better: Metric['better'];
  readonly lines: readonly SweepLine[];
}

interface Sample {
  readonly setting: Swept;
  readonly workload: string;
  readonly scenario: string;
  readonly isBaseline: boolean;
  readonly at: number;
  readonly metric: MetricSummary;
}

/**
 * The sweeps that a run holds: workloads that differ in one setting only (`tcp-stream@size=64`, `…=256`), or scenarios
 * that differ in their MTU only. Something with fewer than two points is no sweep.
 * What is followed of each is what the workload says, else its first metric.
 */
export function sweepsOf(summary: RunSummary): Sweep[] {
  const metricsOf: MetricsOf = (workload) => workloadTraitsOf(summary.run.plan, workload).followed;
  return summary.topologies.flatMap(({ topology, scenarios }) => {
    const measured = scenarios.filter((scenario) => scenario.status !== 'unsupported');
    const samples = [...byWorkload(measured, metricsOf), ...byMtu(measured, metricsOf)];
    const groups = new Map<string, Sample[]>();
    for (const sample of samples) {
      const key = `${sample.setting} ${sample.workload} ${sample.metric.name}`;
      groups.set(key, [...(groups.get(key) ?? []), sample]);
    }
    return [...groups.values()].flatMap((group): Sweep[] => {
      const [first] = group;
      if (!first || new Set(group.map(({ at }) => at)).size < 2) return [];
      const { setting, workload, metric } = first;
      const { name, unit, better } = metric;
      return [{ topology, setting, workload, metric: name, unit, better, lines: lines(group) }];
    });
  });
}

/** `tcp-stream@size=1024` → its parts. */
export function sweptWorkload(id: string): { workload: string; setting: Swept; at: number } | undefined {
  const match = /^(.+)@(size|streams|pairs)=(\d+)$/.exec(id);
  return match ? { workload: match[1] ?? '', setting: match[2] as Swept, at: Number(match[3]) } : undefined;
}

type MetricsOf = (workload: string) => readonly string[] | undefined;

function followed(
  metrics: readonly MetricSummary[],
  names: readonly string[] | undefined,
): readonly MetricSummary[] {
  return names ? metrics.filter(({ name }) => names.includes(name)) : metrics.slice(0, 1);
}

function byWorkload(scenarios: readonly MeasuredScenario[], metricsOf: MetricsOf): Sample[] {
  return scenarios.flatMap((scenario) =>
    scenario.workloads.flatMap(({ id, metrics }) => {
      const swept = sweptWorkload(id);
      if (!swept) return [];
      const { isBaseline } = scenario;
      return followed(metrics, metricsOf(id)).map((metric) => ({
        ...swept,
        scenario: nameOf(scenario, scenario.id),
        isBaseline,
        metric,
      }));
    }),
  );
}

/** Each scenario with an MTU is a point; the baseline has none, and stands beside all of them at one height. */
function byMtu(scenarios: readonly MeasuredScenario[], metricsOf: MetricsOf): Sample[] {
  const samples = scenarios.flatMap((scenario) => {
    const { mtu, ...others } = scenario.plan.options;
    if (mtu === undefined || scenario.isBaseline) return [];
    const name = nameOf(scenario, scenarioId(scenario.plan.topology, scenario.plan.driver, others));
    return samplesAt(scenario, name, Number(mtu), metricsOf);
  });
  const points = [...new Set(samples.map(({ at }) => at))];
  if (points.length < 2) return [];
  const baselines = scenarios.filter(({ isBaseline }) => isBaseline);
  return [
    ...baselines.flatMap((scenario) =>
      points.flatMap((at) => samplesAt(scenario, nameOf(scenario, scenario.id), at, metricsOf)),
    ),
    ...samples,
  ];
}

function samplesAt(scenario: MeasuredScenario, name: string, at: number, metricsOf: MetricsOf): Sample[] {
  const { isBaseline } = scenario;
  return scenario.workloads
    .filter(({ id }) => sweptWorkload(id) === undefined)
    .flatMap(({ id, metrics }) =>
      followed(metrics, metricsOf(id)).map((metric) => ({
        setting: 'mtu' as const,
        workload: id,
        scenario: name,
        isBaseline,
        at,
        metric,
      })),
    );
}

const nameOf = ({ arm }: MeasuredScenario, id: string) => (arm ? `${id} (${arm})` : id);

function lines(samples: readonly Sample[]): SweepLine[] {
  const names = [...new Set(samples.map(({ scenario }) => scenario))];
  return names
    .map((scenario) => {
      const own = samples.filter((sample) => sample.scenario === scenario);
      return {
        scenario,
        isBaseline: own.some(({ isBaseline }) => isBaseline),
        points: own.map(pointOf).sort((a, b) => a.at - b.at),
      };
    })
    .sort((a, b) => Number(b.isBaseline) - Number(a.isBaseline));
}

function pointOf({ at, metric }: Sample): SweepPoint {
  const values = metric.observations.map(({ value }) => value);
  const overhead = metric.overhead ? { overhead: metric.overhead.estimate } : {};
  // Zero has no logarithm; such a metric keeps its median and has no interval here.
  if (values.some((value) => value <= 0)) return { at, value: metric.median, n: metric.n, ...overhead };
  const { estimate, interval } = hodgesLehmann(values.map(Math.log));
  return {
    at,
    value: Math.exp(estimate),
    n: values.length,
    ...(interval && {
      low: Math.exp(interval.low),
      high: Math.exp(interval.high),
      confidence: interval.confidence,
    }),
    ...overhead,
  };
}
