import type { MetricId } from './compare.ts';
import type { LiveComparison } from './live.ts';
import { noiseFloor } from './statistics/power.ts';
import { looks } from './statistics/sequential.ts';

/** What the gate can see of one metric on this machine, by number of blocks. */
export interface MetricCalibration extends MetricId {
  /** Blocks of the A/A run that this rests on. */
  readonly observed: number;
  readonly byBlocks: readonly {
    readonly blocks: number;
    /** Smallest change that a gate run calls in 80 % of cases; absent where so few blocks can't call any. */
    readonly detectable?: number;
    /** Smallest delta at which an unchanged metric passes in 95 % of cases. */
    readonly passableDelta?: number;
  }[];
}

/** Blocks and deltas with which a gate neither cries wolf nor remains inconclusive on this machine. */
export interface Recommendation {
  readonly blocks: number;
  /** Per metric, rounded up to a whole percent, and never below what was wanted. */
  readonly deltas: readonly (MetricId & { readonly delta: number })[];
}

/** @param live an A/A run: the same configuration in both arms */
export function calibrate(
  live: LiveComparison,
  rules: { readonly delta: number; readonly alpha: number },
): { metrics: MetricCalibration[]; recommendation: Recommendation } {
  const gated = live.metrics.filter((metric) => metric.isPrimary);
  const level = rules.alpha / 2 / Math.max(1, gated.length);
  const metrics = gated.map(({ scenario, workload, metric, sample }): MetricCalibration => {
    const logRatios = sample.type === 'paired' ? sample.clusters.map(mean) : [];
    const byBlocks = looks.map((blocks) => {
      const question = { logRatios, blocks, level, ...rules };
      const { detectable } = noiseFloor({ ...question, power: 0.8 });
      const { passableDelta } = noiseFloor({ ...question, power: 0.95 });
      return {
        blocks,
        ...(detectable !== undefined && { detectable }),
        ...(passableDelta !== undefined && { passableDelta }),
      };
    });
    return { scenario, workload, metric, observed: logRatios.length, byBlocks };
  });
  return { metrics, recommendation: recommend(metrics, rules.delta) };
}

const mean = (cluster: readonly number[]) => cluster.reduce((sum, each) => sum + each, 0) / cluster.length;

/** The fewest blocks with which every metric passes at the wanted delta; or the most there are, with greater deltas. */
function recommend(metrics: readonly MetricCalibration[], wanted: number): Recommendation {
  const at = (metric: MetricCalibration, blocks: number): number =>
    metric.byBlocks.find((each) => each.blocks === blocks)?.passableDelta ?? Number.POSITIVE_INFINITY;
  const last = looks.at(-1) as number;
  const blocks = looks.find((count) => metrics.every((metric) => at(metric, count) <= wanted)) ?? last;
  return {
    blocks,
    deltas: metrics.map((each) => ({
      scenario: each.scenario,
      workload: each.workload,
      metric: each.metric,
      delta: Math.max(wanted, Math.ceil(at(each, blocks) * 100) / 100),
    })),
  };
}
