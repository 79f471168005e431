import { betweenBoots, type CountedUnit } from './counted-figures.ts';
import { derivedMetricNames, trialMetrics } from './cpu-metrics.ts';
import {
  type Bracketed,
  compare,
  independentClusters,
  noiseFloorOf,
  overheadOf,
  worseSign,
} from './overhead.ts';
import type { Metric, Plan } from './schema.ts';
import type { Cluster } from './statistics/clustered-signed-rank.ts';
import { median } from './statistics/order.ts';
import type { Estimate, MetricSummary, Observation } from './summary.ts';
import { equalLoadMetric } from './traits.ts';

/** A metric digested, and how many of its trials could not be compared. */
export interface MetricDigest {
  readonly summary: MetricSummary;
  /** Trials without an ok baseline beside them. */
  readonly alone: number;
  /** Trials left out because a value or its baseline is not positive. */
  readonly withoutLogarithm: number;
}

/**
 * Digests every metric of one workload on one scenario.
 * @param bracketed its ok trials with the baseline trials beside them
 * @param hasBaseline false for the baseline itself, and where the topology has none
 * @param plan of the trials' run
 */
export function summariseMetrics(
  bracketed: readonly Bracketed[],
  hasBaseline: boolean,
  plan: Pick<Plan, 'workloads'>,
): MetricDigest[] {
  const byName = new Map<string, { metric: Metric; values: { bracketed: Bracketed; value: number }[] }>();
  for (const each of bracketed) {
    for (const metric of trialMetrics(each.trial, plan)) {
      const entry = byName.get(metric.name) ?? { metric, values: [] };
      entry.values.push({ bracketed: each, value: metric.value });
      byName.set(metric.name, entry);
    }
  }
  // A derived metric that only later trials have must still stand behind the tool's own.
  const entries = [...byName.values()].sort((a, b) => place(a.metric) - place(b.metric));
  return entries.map(({ metric, values }) => summariseMetric(metric, values, hasBaseline, plan));
}

/** At equal load all goodputs tie by design: the CPU time is what tables show. */
const place = (metric: Metric): number => (metric.name === equalLoadMetric ? -1 : Number(isDerived(metric)));

const isDerived = (metric: Metric): boolean =>
  (derivedMetricNames as readonly string[]).includes(metric.name);

function summariseMetric(
  metric: Metric,
  values: readonly { bracketed: Bracketed; value: number }[],
  hasBaseline: boolean,
  plan: Pick<Plan, 'workloads'>,
): MetricDigest {
  const sign = hasBaseline ? worseSign(metric.better) : undefined;
  let alone = 0;
  let withoutLogarithm = 0;
  const observations = values.map(({ bracketed, value }): Observation => {
    const { block, order, chain, generation } = bracketed.trial;
    const plain = { value, block, order, chain, generation };
    if (sign === undefined) return plain;
    const comparison = compare(bracketed, metric.name, value, sign, plan);
    if (comparison.type === 'compared') {
      const { reference, logRatio, neighbourLogRatios } = comparison;
      return { ...plain, baselineValue: reference, logRatio, neighbourLogRatios };
    }
    if (comparison.type === 'alone') {
      alone += 1;
      return plain;
    }
    withoutLogarithm += 1;
    return comparison.reference === undefined ? plain : { ...plain, baselineValue: comparison.reference };
  });
  observations.sort((a, b) => a.order - b.order);
  const all = observations.map((each) => each.value);
  const compared = independentClusters(observations.filter(isCompared));
  const clusters = compared.map(({ cluster }) => cluster);
  const overhead = clusters.length > 0 ? overheadIn(clockOfTrials(values), clusters) : undefined;
  const noiseFloor = overhead && noiseFloorOf(overhead);
  return {
    summary: {
      name: metric.name,
      unit: metric.unit,
      better: metric.better,
      derived: isDerived(metric),
      n: all.length,
      median: median(all),
      min: Math.min(...all),
      max: Math.max(...all),
      observations,
      ...(overhead && { overhead }),
      ...(noiseFloor && { noiseFloor }),
    },
    alone,
    withoutLogarithm,
  };
}

/** Narrows to the observations that entered the overhead. */
export function hasLogRatio(observation: Observation): observation is Observation & { logRatio: number } {
  return observation.logRatio !== undefined;
}

const isCompared = (
  observation: Observation,
): observation is Observation & { neighbourLogRatios: readonly number[] } =>
  observation.neighbourLogRatios !== undefined;

/** The unit of counted trials; undefined where one of them was read from the clock on the wall. */
function clockOfTrials(values: readonly { bracketed: Bracketed }[]): CountedUnit | undefined {
  const units = values.map(({ bracketed }) => bracketed.trial.counted?.unit);
  return units.includes(undefined) ? undefined : units[0];
}

const overheadIn = (unit: CountedUnit | undefined, clusters: readonly Cluster[]): Estimate =>
  unit === undefined ? overheadOf(clusters) : countedOverhead(clusters, unit);

/**
 * In counted time an interval is the range of all trials, no narrower than what boots differ by: nothing is left to chance
 * that a level of confidence could be given to.
 */
function countedOverhead(clusters: readonly Cluster[], unit: CountedUnit): Estimate {
  const ratios = clusters.flat();
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const slack = betweenBoots[unit] / 2;
  return {
    estimate: Math.expm1(median(ratios)),
    n: clusters.length,
    interval: { low: Math.expm1(low - slack), high: Math.expm1(high + slack), confidence: 1 },
  };
}
