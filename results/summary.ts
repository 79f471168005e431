import type { CommonReason } from './reason-text.ts';
import type { Topology } from './scenario.ts';
import type { Histogram, Lack, Metric, PairFacts, Run, ScenarioPlan, Trial } from './schema.ts';
import type { Interval } from './statistics/hodges-lehmann.ts';
import type { SummaryWarning, TrialWarning } from './warnings.ts';

export type { Interval };

/**
 * What every report, `--json` and the gate read: one run, digested. Made by `summarise` in summarise.ts. All values are
 * in base units (bit/s, s, ratio, count); what could not be measured is absent, never 0 and never NaN. Warm-up trials
 * (block −1) are nowhere in it; invalid and failed trials are in the counts only.
 */
export interface RunSummary {
  /** The run as recorded: id, label, state, command, plan, fingerprints, pairs, measured and wall seconds. */
  readonly run: Run;
  /** Trials that the record should hold and does not; absent where it holds all. */
  readonly missing?: Lack;
  /** Same-host first; only topologies with a planned scenario. */
  readonly topologies: readonly TopologySummary[];
  /** Everything a reader should know before trusting a figure, each once; the run's own warnings come first. */
  readonly warnings: readonly SummaryWarning[];
}

export interface TopologySummary {
  readonly topology: Topology;
  /** Id of the scenario that the others are compared with; absent where the plan names none. */
  readonly baseline?: string;
  /** In the order of the plan, unsupported ones included. In a live A/B run each scenario stands once per arm. */
  readonly scenarios: readonly ScenarioSummary[];
}

interface ScenarioSummaryBase {
  /** `cross-host/overlay-encrypted`. */
  readonly id: string;
  readonly plan: ScenarioPlan;
  /** Which of two compared configurations this is, in a live A/B run. */
  readonly arm?: 'base' | 'head';
  readonly isBaseline: boolean;
}

/**
 * `ok`: at least one trial counts. `invalid`: measured, but each trial was refused (witness, steal). `failed`: no trial
 * came to a figure. `unsupported`: not run, by the plan.
 */
export type ScenarioSummary =
  | (ScenarioSummaryBase & {
      readonly status: 'ok' | 'invalid' | 'failed';
      /** The most frequent reason; absent where `status` is `ok`. */
      readonly reason?: string;
      /** Path, MTU, address; absent where the pair was never provisioned. */
      readonly pair?: PairFacts;
      readonly counts: TrialCounts;
      readonly witness: WitnessSummary;
      /** In the order of the plan; only those of which a trial is in the record. */
      readonly workloads: readonly WorkloadSummary[];
    })
  | (ScenarioSummaryBase & {
      readonly status: 'unsupported';
      readonly reason: string;
      readonly remedy: string;
    });

export type MeasuredScenario = Exclude<ScenarioSummary, { status: 'unsupported' }>;

/** How the trials ended. */
export interface TrialCounts {
  readonly ok: number;
  readonly invalid: number;
  readonly failed: number;
  /** Why trials were invalid or failed, the most frequent first. */
  readonly reasons: readonly (CommonReason & {
    readonly status: 'invalid' | 'failed';
    readonly count: number;
  })[];
}

/** What the witnesses said of the path, as numbers of trials (ok and invalid ones). */
export interface WitnessSummary {
  readonly proven: number;
  readonly refuted: number;
  readonly unobserved: number;
  /** Trials without a witness. */
  readonly absent: number;
  /** The worst verdict of them: refuted, unobserved, absent, proven in this order; absent where no trial was measured. */
  readonly verdict: 'proven' | 'refuted' | 'unobserved' | 'absent';
  /** The sentence of the first trial that has that verdict. */
  readonly sentence?: string;
}

export interface WorkloadSummary {
  /** `tcp-stream`. */
  readonly id: string;
  readonly counts: TrialCounts;
  readonly witness: WitnessSummary;
  /** In the order in which the workload gives them (the first is what tables show), then the derived CPU metrics. */
  readonly metrics: readonly MetricSummary[];
  /** Distributions merged over all ok trials; percentiles are read from the merged histogram, never averaged. */
  readonly distributions: readonly DistributionSummary[];
  /** Load on each distinct machine, medians over the ok trials. */
  readonly machines: readonly MachineLoad[];
  /** Warnings of the trials, each once, with the number of trials that had it. */
  readonly warnings: readonly { readonly warning: TrialWarning; readonly count: number }[];
}

export interface MetricSummary {
  readonly name: string;
  readonly unit: Metric['unit'];
  readonly better: Metric['better'];
  /** True for metrics that Tare derives from the record: `cpu-per-gb`, `cpu-per-transaction`. */
  readonly derived: boolean;
  /** Number of ok trials that have this metric; at least 1. */
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Every ok trial's value, in the order in which they were measured. */
  readonly observations: readonly Observation[];
  /**
   * Cost against the baseline; positive is worse (0.27: 27 % worse; −0.05: 5 % better). Absent for the baseline itself,
   * for metrics of which neither direction is better, and where no trial has a baseline beside it (a warning says so).
   */
  readonly overhead?: Estimate;
  /** Smallest effect this run could have seen in this metric. Absent where there is no interval. */
  readonly noiseFloor?: NoiseFloor;
}

/** One ok trial's value, and what it was compared with. */
export interface Observation {
  readonly value: number;
  readonly block: number;
  readonly order: number;
  readonly chain: number;
  readonly generation: number;
  /** Geometric mean of the baseline trials beside it; absent where there is none, or for the baseline itself. */
  readonly baselineValue?: number;
  /** d = s·ln(value / baselineValue), s = ±1 so that positive is worse. Absent where it is undefined. */
  readonly logRatio?: number;
  /** The same against each baseline trial beside it by itself, one or two; their mean is `logRatio`. */
  readonly neighbourLogRatios?: readonly number[];
}

/** A ratio minus one: 0.27 is +27 %. */
export interface Estimate {
  /** exp(Hodges–Lehmann of the log ratios, see statistics/clustered-signed-rank.ts) − 1. */
  readonly estimate: number;
  /** Number of independent comparisons that entered. */
  readonly n: number;
  /** Absent for n = 1. */
  readonly interval?: Interval;
}

/**
 * Half the width of the interval of the log ratios, as a ratio minus one: exp((high − low) / 2) − 1. A true effect
 * smaller than this would as likely as not have stayed inside an interval that includes "no difference".
 */
export interface NoiseFloor {
  readonly effect: number;
  /** Confidence of the interval it was read from; below 0.95 the floor is flattering. */
  readonly confidence: number;
}

export interface DistributionSummary {
  /** Name of the metric whose samples these are, such as `rtt`. */
  readonly metric: string;
  /** Number of samples in all ok trials together. */
  readonly samples: number;
  /** Number of ok trials that gave a histogram. */
  readonly trials: number;
  /** Percentiles in seconds; one with fewer than ten samples beyond it is absent, as nothing supports it. */
  readonly percentilesSeconds: Readonly<Partial<Record<PercentileName, number>>>;
  /** The merged histogram, for drawing. */
  readonly histogram: Histogram;
}

export const percentileNames = ['p50', 'p90', 'p99', 'p99.9', 'p99.99'] as const;
export type PercentileName = (typeof percentileNames)[number];

export interface MachineLoad {
  /** Boot id. */
  readonly machine: string;
  readonly cores: number;
  /** Busy and softirq share (0 to 1) of the busiest core of each trial, median over trials. */
  readonly busiestCoreShare: number;
  readonly busiestSoftirqShare: number;
  /** Share of the machine's time that was stolen (0 to 1), median over trials. */
  readonly stealShare: number;
  /** Share of the machine's time that other programs took (0 to 1), median over trials; absent where none could tell. */
  readonly foreignShare?: number;
}

/** Trials that the summary counts: all but the warm-up. */
export function isMeasuredBlock(trial: Pick<Trial, 'block'>): boolean {
  return trial.block >= 0;
}
