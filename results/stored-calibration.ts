import type { MetricCalibration, Recommendation } from './calibration.ts';
import type { GateOptions } from './gate.ts';
import { deltaOf } from './gate.ts';
import { gating } from './gating.ts';
import { hasLogRatio } from './metric-summary.ts';
import { isPrimaryMetric } from './primary-metric.ts';
import { hodgesLehmannShift } from './statistics/hodges-lehmann.ts';
import { noise } from './statistics/random.ts';
import type { MetricSummary, RunSummary } from './summary.ts';

/** Share of gate runs of an unchanged network in which every figure shall pass. */
const wantedPassShare = 0.9;

/** Numbers of blocks that are told of; the run's own goes with them. */
const toldBlocks = [12, 20, 30, 60] as const;

const resamples = 200;

/** A figure of a stored run by which another will be gated, with what its blocks scattered by. */
interface Scatter {
  readonly scenario: string;
  readonly workload: string;
  readonly metric: string;
  readonly delta: number;
  /** Mean log ratio to the host of each block, by the generation of containers that it was measured on. */
  readonly generations: readonly (readonly number[])[];
}

/**
 * What a gate against a stored baseline can see, by a run of an unchanged network: two runs are drawn from its own, whole
 * generations of containers at a time, and judged against one another. What differs from day to day is not in one run, so
 * that the answer is for runs that are made alike.
 */
export function calibrateStored(
  summary: RunSummary,
  rules: GateOptions,
  also: readonly number[] = toldBlocks,
): { metrics: MetricCalibration[]; recommendation: Recommendation } {
  const scatters = scattersOf(summary, rules);
  const own = Math.max(1, ...scatters.map(({ generations }) => generations.flat().length));
  const count = Math.max(1, scatters.length);
  const metrics = scatters.map(({ generations, delta, ...id }): MetricCalibration => {
    const question = {
      generations,
      delta,
      alpha: rules.alpha,
      level: rules.alpha / 2 / count,
      power: wantedPassShare ** (1 / count),
    };
    const counts = [...new Set([...also, own])].sort((a, b) => a - b);
    return {
      ...id,
      observed: generations.flat().length,
      byBlocks: counts.map((blocks) => ({ blocks, ...bounds({ ...question, blocks }) })),
    };
  });
  return {
    metrics,
    recommendation: {
      blocks: own,
      deltas: metrics.map(({ scenario, workload, metric, byBlocks }, i) => {
        const least =
          byBlocks.find(({ blocks }) => blocks === own)?.passableDelta ?? Number.POSITIVE_INFINITY;
        return {
          scenario,
          workload,
          metric,
          delta: Math.max(scatters[i]?.delta ?? rules.delta, Math.ceil(least * 100) / 100),
        };
      }),
    },
  };
}

function scattersOf(summary: RunSummary, rules: GateOptions): Scatter[] {
  const { selects } = gating(rules.metrics);
  return summary.topologies.flatMap(({ scenarios }) =>
    scenarios.flatMap((scenario) => {
      if (scenario.status !== 'ok' || scenario.isBaseline || scenario.arm !== undefined) return [];
      return scenario.workloads.flatMap(({ id: workload, metrics }) =>
        metrics.flatMap((metric): Scatter[] => {
          const id = { scenario: scenario.id, workload, metric: metric.name };
          const first = metrics[0]?.name ?? '';
          const isPrimary = isPrimaryMetric({ workload, metric: metric.name, first }, [summary.run.plan]);
          const generations = blocksByGeneration(metric);
          if (!selects({ ...id, isPrimary }) || generations.length === 0) return [];
          return [{ ...id, delta: deltaOf({ ...id, isPrimary }, rules), generations }];
        }),
      );
    }),
  );
}

function blocksByGeneration({ observations }: MetricSummary): number[][] {
  const generations = new Map<number, Map<number, number[]>>();
  for (const { generation, block, logRatio } of observations.filter(hasLogRatio)) {
    const blocks = generations.get(generation) ?? new Map<number, number[]>();
    blocks.set(block, [...(blocks.get(block) ?? []), logRatio]);
    generations.set(generation, blocks);
  }
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  return [...generations.values()].map((blocks) => [...blocks.values()].map(mean));
}

interface Question {
  readonly generations: readonly (readonly number[])[];
  readonly blocks: number;
  readonly delta: number;
  readonly alpha: number;
  readonly level: number;
  readonly power: number;
}

/** Quantiles of the bounds of the shift between two runs of so many blocks of one unchanged network. */
function bounds({ generations, blocks, delta, alpha, level, power }: Question) {
  const source = noise(1);
  const draw = (): number[] => {
    const drawn: number[] = [];
    while (drawn.length < blocks) {
      drawn.push(...(generations[Math.floor(source.uniform() * generations.length)] ?? []));
    }
    return drawn.slice(0, blocks);
  };
  const [lows, highs]: [number[], number[]] = [[], []];
  for (let i = 0; i < resamples; i += 1) {
    const [head, base] = [draw(), draw()];
    const pass = hodgesLehmannShift(head, base, alpha).interval;
    if (pass && pass.confidence >= 1 - alpha) highs.push(pass.high);
    const regression = hodgesLehmannShift(head, base, 2 * level).interval;
    if (regression && regression.confidence >= 1 - 2 * level) lows.push(regression.low);
  }
  return {
    ...(lows.length > 0 && { detectable: Math.expm1(Math.log1p(delta) - quantile(lows, 0.2)) }),
    ...(highs.length > 0 && { passableDelta: Math.expm1(Math.max(0, quantile(highs, power))) }),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}
