import { trialMetrics } from './cpu-metrics.ts';
import type { Metric, OkTrial, Plan, Trial } from './schema.ts';
import { type Cluster, clusteredLocation } from './statistics/clustered-signed-rank.ts';
import { type Estimate, isMeasuredBlock, type NoiseFloor } from './summary.ts';

/** +1 where a greater value is worse, −1 where it is better; undefined where neither is. */
export function worseSign(better: Metric['better']): 1 | -1 | undefined {
  return better === 'lower' ? 1 : better === 'higher' ? -1 : undefined;
}

/** A trial with the trials of its reference that stand beside it. */
export interface Bracketed {
  readonly trial: OkTrial;
  /** The last reference trial before it and the first after it in its chain, those of the two that are ok. */
  readonly neighbours: readonly OkTrial[];
}

/**
 * Finds, for every ok trial of a subject, its reference's trials directly before and after it in the same chain. A
 * neighbour that is not ok is not replaced by one further away: adjacency is what cancels drift. Warm-up is left out.
 */
export function bracket(
  trials: readonly Trial[],
  isSubject: (trial: Trial) => boolean,
  isReference: (trial: Trial) => boolean,
): Bracketed[] {
  const bracketed: Bracketed[] = [];
  for (const chain of chains(trials)) {
    for (const [at, trial] of chain.entries()) {
      if (trial.status !== 'ok' || !isSubject(trial)) continue;
      const before = chain.slice(0, at).findLast(isReference);
      const after = chain.slice(at + 1).find(isReference);
      bracketed.push({ trial, neighbours: [before, after].filter((each) => each?.status === 'ok') });
    }
  }
  return bracketed;
}

/** The trials of each chain in the order in which they were made; warm-up left out. */
function chains(trials: readonly Trial[]): Trial[][] {
  const byChain = new Map<string, Trial[]>();
  let last: Trial[] = [];
  for (const trial of trials) {
    if (!isMeasuredBlock(trial)) continue;
    const [previous] = last;
    const continues =
      previous?.block === trial.block &&
      previous.chain === trial.chain &&
      previous.workload === trial.workload;
    if (!continues) {
      const key = `${trial.block} ${trial.chain} ${trial.workload}`;
      last = byChain.get(key) ?? [];
      byChain.set(key, last);
    }
    last.push(trial);
  }
  return [...byChain.values()].map((chain) => chain.sort((a, b) => a.order - b.order));
}

/** A billionfold: no two networks differ by more, and figures that do would only drown the others. */
const mostLogRatio = Math.log(1e9);

/** One trial's value of a metric against its neighbours'. */
export type Comparison =
  | {
      readonly type: 'compared';
      readonly reference: number;
      readonly logRatio: number;
      /** Against each neighbour by itself; `logRatio` is their mean. */
      readonly neighbourLogRatios: readonly number[];
    }
  /** No ok reference trial beside it that has the metric. */
  | { readonly type: 'alone' }
  /** A value or its reference is zero or negative, so that it has no logarithm, or they are beyond all comparison. */
  | { readonly type: 'no-logarithm'; readonly reference?: number };

/**
 * d = s·ln(value / reference), positive where worse. The reference is the geometric mean of the neighbours, which is
 * their value at this trial's moment if both drift along a line in the logarithm.
 * @param sign from `worseSign`
 * @param plan of the trials' run
 */
export function compare(
  bracketed: Bracketed,
  metric: string,
  value: number,
  sign: 1 | -1,
  plan: Pick<Plan, 'workloads'>,
): Comparison {
  const references = bracketed.neighbours
    .map((neighbour) => metricValue(neighbour, metric, plan))
    .filter((reference) => reference !== undefined);
  if (references.length === 0) return { type: 'alone' };
  const usable = references.filter((reference) => reference > 0);
  if (usable.length === 0) return { type: 'no-logarithm' };
  const logReference = usable.reduce((sum, reference) => sum + Math.log(reference), 0) / usable.length;
  const reference = Math.exp(logReference);
  if (value <= 0) return { type: 'no-logarithm', reference };
  const neighbourLogRatios = usable.map((each) => sign * (Math.log(value) - Math.log(each)));
  if (neighbourLogRatios.some((each) => Math.abs(each) > mostLogRatio))
    return { type: 'no-logarithm', reference };
  const logRatio = sign * (Math.log(value) - logReference);
  return { type: 'compared', reference, logRatio, neighbourLogRatios };
}

/** A trial's value of a metric, derived ones included. */
function metricValue(trial: OkTrial, metric: string, plan: Pick<Plan, 'workloads'>): number | undefined {
  return trialMetrics(trial, plan).find((each) => each.name === metric)?.value;
}

interface ChainRatio {
  readonly block: number;
  readonly chain: number;
  readonly logRatio: number;
}

/**
 * The independent observations among log ratios. Ratios of one chain share baseline trials (their correlation is 1/6
 * where two are neighbours), and counted singly they make a 95 % interval cover 92 % (test/unit/results-coverage.test.ts);
 * so several of one chain enter as their mean. In a plan with each scenario once per chain this changes nothing.
 */
export function independentLogRatios(ratios: readonly ChainRatio[]): number[] {
  const byChain = new Map<number, Map<number, number[]>>();
  for (const { block, chain, logRatio } of ratios) {
    const ofBlock = byChain.get(block) ?? new Map<number, number[]>();
    byChain.set(block, ofBlock);
    const here = ofBlock.get(chain);
    if (here) here.push(logRatio);
    else ofBlock.set(chain, [logRatio]);
  }
  return [...byChain.values()].flatMap((ofBlock) =>
    [...ofBlock.values()].map((here) => here.reduce((sum, each) => sum + each, 0) / here.length),
  );
}

/** What was compared in one chain of one block, each with its baseline trials by themselves: independent of others. */
export function independentClusters(
  ratios: readonly Omit<ChainRatio, 'logRatio'>[] & readonly { neighbourLogRatios: readonly number[] }[],
): { readonly block: number; readonly cluster: Cluster }[] {
  const byChain = new Map<string, { block: number; cluster: number[] }>();
  for (const { block, chain, neighbourLogRatios } of ratios) {
    const key = `${block} ${chain}`;
    const known = byChain.get(key);
    if (known) known.cluster.push(...neighbourLogRatios);
    else byChain.set(key, { block, cluster: [...neighbourLogRatios] });
  }
  return [...byChain.values()];
}

/**
 * Overhead from log ratios: exp(estimate) − 1 with the ends of the interval alike.
 * @param clusters independent of one another, at least one; the log ratios of each belong together
 * @param alpha 1 − the wanted confidence
 */
export function overheadOf(clusters: readonly Cluster[], alpha = 0.05): Estimate {
  const { estimate, interval } = clusteredLocation(clusters, alpha);
  return {
    estimate: Math.expm1(estimate),
    n: clusters.length,
    ...(interval && {
      interval: {
        low: Math.expm1(interval.low),
        high: Math.expm1(interval.high),
        confidence: interval.confidence,
      },
    }),
  };
}

/** Half the width of an overhead's interval in the logarithm, as a ratio minus one. */
export function noiseFloorOf({ interval }: Estimate): NoiseFloor | undefined {
  if (!interval) return undefined;
  const halfWidth = (Math.log1p(interval.high) - Math.log1p(interval.low)) / 2;
  return { effect: Math.expm1(halfWidth), confidence: interval.confidence };
}
