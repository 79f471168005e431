import { packetSize } from './packet-size.ts';
import type { MetricSummary, RunSummary, ScenarioSummary } from './summary.ts';
import { warningText } from './warning-text.ts';

export type Verdict = 'pass' | 'improved' | 'regressed' | 'inconclusive' | 'invalid';

/** What `--json` prints: a stable format of its own, apart from the internals. */
export interface JsonOutput {
  readonly run: string;
  readonly verdict?: Verdict;
  readonly scenarios: readonly JsonScenario[];
  readonly warnings: readonly string[];
}

export interface JsonScenario {
  readonly id: string;
  readonly arm?: 'base' | 'head';
  readonly status: 'ok' | 'invalid' | 'failed' | 'unsupported';
  readonly reason?: string;
  /** Effective MTU, and TCP's payload per segment; absent where not read. */
  readonly mtuBytes?: number;
  readonly mssBytes?: number;
  readonly workloads: readonly { readonly id: string; readonly metrics: readonly JsonMetric[] }[];
}

export interface JsonMetric {
  readonly name: string;
  /** Base unit of `median`. */
  readonly unit: string;
  readonly better: 'higher' | 'lower' | 'neither';
  readonly n: number;
  readonly median: number;
  /** Ratios minus one, positive is worse. Absent for the baseline. `low` and `high` are absent for one observation. */
  readonly overhead?: {
    readonly estimate: number;
    readonly low?: number;
    readonly high?: number;
    readonly confidence?: number;
    readonly n: number;
  };
}

/** The `--json` object of a run. */
export function jsonOutput(summary: RunSummary, verdict?: Verdict): JsonOutput {
  return {
    run: summary.run.id,
    ...(verdict !== undefined && { verdict }),
    scenarios: summary.topologies.flatMap((topology) => topology.scenarios.map(jsonScenario)),
    warnings: summary.warnings.map(warningText),
  };
}

function jsonScenario(scenario: ScenarioSummary): JsonScenario {
  return {
    id: scenario.id,
    ...(scenario.arm !== undefined && { arm: scenario.arm }),
    status: scenario.status,
    ...(scenario.reason !== undefined && { reason: scenario.reason }),
    ...(scenario.status !== 'unsupported' && packetSize(scenario)),
    workloads:
      scenario.status === 'unsupported'
        ? []
        : scenario.workloads.map((workload) => ({
            id: workload.id,
            metrics: workload.metrics.map(jsonMetric),
          })),
  };
}

function jsonMetric({ name, unit, better, n, median, overhead }: MetricSummary): JsonMetric {
  return {
    name,
    unit,
    better,
    n,
    median,
    ...(overhead && { overhead: { estimate: overhead.estimate, ...overhead.interval, n: overhead.n } }),
  };
}
