import type { Histogram } from '../../results/schema.ts';
import { bucketWidth } from '../../results/statistics/histogram.ts';
import type { DistributionSummary, MeasuredScenario } from '../../results/summary.ts';
import { scenarioName } from '../ranking.ts';
import { shortName } from './overhead-spec.ts';
import type { DistributionSpec } from './spec.ts';

/**
 * The workload whose tail leaves no stall out, where any of the scenarios has its distribution, else the first with one.
 * @param telling workloads that tell the 99th percentile, the best first
 */
export function workloadWithDistribution(
  scenarios: readonly MeasuredScenario[],
  telling: readonly string[],
): string | undefined {
  const drawable = scenarios
    .flatMap(({ workloads }) => workloads)
    .filter(({ distributions }) => distributions.some(isDrawable))
    .map(({ id }) => id);
  return telling.find((id) => drawable.includes(id)) ?? drawable[0];
}

/** Cumulative latency of some scenarios in one workload; undefined where none kept its samples. */
export function distributionSpec(
  scenarios: readonly MeasuredScenario[],
  workload: string,
  title: string,
  lookFor: (name: string) => number,
): DistributionSpec | undefined {
  const lines = scenarios.flatMap((scenario) => {
    const distribution = scenario.workloads.find(({ id }) => id === workload)?.distributions.find(isDrawable);
    return distribution
      ? [
          {
            name: shortName(scenarioName(scenario)),
            look: lookFor(scenarioName(scenario)),
            points: cumulative(distribution.histogram),
          },
        ]
      : [];
  });
  if (lines.length === 0) return undefined;
  const at = (points: readonly (readonly [number, number])[], share: number) =>
    points.find(([, cumulated]) => cumulated >= share)?.[0] ?? points.at(-1)?.[0] ?? 1e-6;
  return {
    kind: 'distribution',
    title,
    lines,
    fromSeconds: 0.9 * Math.min(...lines.map(({ points }) => at(points, 0.001))),
    toSeconds: 1.1 * Math.max(...lines.map(({ points }) => at(points, 1))),
    toShare: Math.max(0.9, ...lines.map(({ points }) => points.at(-1)?.[1] ?? 0)),
  };
}

const isDrawable = ({ samples, histogram }: DistributionSummary) =>
  samples > 0 && histogram.buckets.length > 0;

/** A line ends where fewer samples lie beyond, as nothing supports what it would show. */
const samplesBeyond = 10;

/** Most points of a line; a wider histogram is thinned evenly, as no screen shows more. */
const mostPoints = 240;
/** From here on a line keeps every point: the axis gives the last hundredth as much room as the first nine tenths. */
const thinnedUpTo = 0.99;

function cumulative({ buckets, precisionBits }: Histogram): [number, number][] {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const share = (count: number) => count / total;
  const stride = Math.max(1, Math.ceil(buckets.length / mostPoints));
  const points: [number, number][] = [];
  let below = 0;
  buckets.forEach(([edge, count], index) => {
    below += count;
    if (total - below < samplesBeyond && points.length > 0) return;
    if (index % stride === 0 || share(below) >= thinnedUpTo) {
      const upperEdge = edge + bucketWidth(edge, precisionBits);
      points.push([Number((upperEdge / 1e9).toPrecision(5)), Number(share(below).toFixed(6))]);
    }
  });
  return points;
}
