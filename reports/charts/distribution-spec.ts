import type { Histogram } from '../../results/schema.ts';
import { bucketWidth } from '../../results/statistics/histogram.ts';
import type { DistributionSummary, MeasuredScenario } from '../../results/summary.ts';
import { scenarioName } from '../ranking.ts';
import { shortName } from './overhead-spec.ts';
import type { DistributionSpec } from './spec.ts';

/** The first workload of which any of the scenarios has a distribution. */
export function workloadWithDistribution(scenarios: readonly MeasuredScenario[]): string | undefined {
  for (const scenario of scenarios) {
    const workload = scenario.workloads.find(({ distributions }) => distributions.some(isDrawable));
    if (workload) return workload.id;
  }
  return undefined;
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
    toSeconds: 1.1 * Math.max(...lines.map(({ points }) => at(points, 0.995))),
  };
}

const isDrawable = ({ samples, histogram }: DistributionSummary) =>
  samples > 0 && histogram.buckets.length > 0;

/** Most points of a line; a wider histogram is thinned evenly, as no screen shows more. */
const mostPoints = 240;

function cumulative({ buckets, precisionBits }: Histogram): [number, number][] {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const stride = Math.max(1, Math.ceil(buckets.length / mostPoints));
  const points: [number, number][] = [];
  let below = 0;
  buckets.forEach(([edge, count], index) => {
    below += count;
    if (index % stride === 0 || index === buckets.length - 1) {
      const upperEdge = edge + bucketWidth(edge, precisionBits);
      points.push([Number((upperEdge / 1e9).toPrecision(5)), Number((below / total).toFixed(5))]);
    }
  });
  return points;
}
