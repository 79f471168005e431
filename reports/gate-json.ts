import type { CountedComparison } from '../results/counted-change.ts';
import type { GatedMetric, GateResult } from '../results/gate.ts';
import {
  type JsonMetric,
  type JsonOutput,
  type JsonScenario,
  jsonOutput,
  type Verdict,
} from '../results/json-output.ts';
import type { RunSummary } from '../results/summary.ts';
import { undecidedWords } from './gate-prose.ts';

/** The change of one figure, head against base: ratios minus one, positive is worse. */
export interface JsonChange {
  readonly verdict: GatedMetric['verdict'];
  /** Why it is inconclusive. */
  readonly reason?: string;
  /** The smallest change that matters, by which it was judged. */
  readonly delta: number;
  readonly estimate: number;
  /** Absent where one block bounds nothing. */
  readonly low?: number;
  readonly high?: number;
  readonly confidence?: number;
  /** Blocks of the head that entered. */
  readonly n: number;
  /** Medians in the metric's unit. */
  readonly base: { readonly n: number; readonly median: number };
  readonly head: { readonly n: number; readonly median: number };
  readonly blocksToDecide?: number;
}

/** What `--json` of `compare` and `gate` prints: the object of the head run, and in it what was judged. */
export interface JsonComparison extends Omit<JsonOutput, 'scenarios'> {
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly remedy?: string;
  readonly base: string;
  readonly head: string;
  readonly alpha: number;
  readonly blocksToDecide?: number;
  /** Present where all figures are in counted time: what the machines are made of, and what changed by function. */
  readonly counted?: CountedComparison;
  readonly differences: GateResult['differences'];
  readonly refusals: GateResult['refusals'];
  readonly controls: readonly {
    readonly scenario: string;
    readonly workload: string;
    readonly metric: string;
    readonly holds: boolean;
    readonly estimate: number;
    readonly low?: number;
    readonly high?: number;
  }[];
  readonly scenarios: readonly (Omit<JsonScenario, 'workloads'> & {
    readonly workloads: readonly {
      readonly id: string;
      readonly metrics: readonly (JsonMetric & { readonly change?: JsonChange })[];
    }[];
  })[];
}

/** @param head the head run, or the live run with both arms */
export function gateJson(result: GateResult, head: RunSummary): JsonComparison {
  const object = jsonOutput(head, result.verdict);
  return {
    run: object.run,
    verdict: result.verdict,
    ...(result.reason !== undefined && { reason: result.reason }),
    ...(result.remedy !== undefined && { remedy: result.remedy }),
    base: result.base,
    head: result.head,
    alpha: result.options.alpha,
    ...(result.blocksToDecide !== undefined && { blocksToDecide: result.blocksToDecide }),
    ...(result.counted && { counted: result.counted }),
    differences: result.differences,
    refusals: result.refusals,
    controls: result.controls.map(({ scenario, workload, metric, holds, shift }) => ({
      scenario,
      workload,
      metric,
      holds,
      estimate: shift.estimate,
      ...(shift.interval && { low: shift.interval.low, high: shift.interval.high }),
    })),
    scenarios: object.scenarios.map((scenario) => ({
      ...scenario,
      workloads: scenario.workloads.map((workload) => ({
        ...workload,
        metrics: workload.metrics.map((metric) => {
          const judged = result.metrics.find(
            (each) =>
              scenario.arm !== 'base' &&
              each.scenario === scenario.id &&
              each.workload === workload.id &&
              each.metric === metric.name,
          );
          return judged ? { ...metric, change: change(judged) } : metric;
        }),
      })),
    })),
    warnings: [...new Set([...result.warnings, ...object.warnings])],
  };
}

function change({ verdict, undecided, delta, shift, base, head, blocksToDecide }: GatedMetric): JsonChange {
  return {
    verdict,
    ...(undecided !== undefined && { reason: undecidedWords[undecided] }),
    delta,
    estimate: shift.estimate,
    ...shift.interval,
    n: shift.n,
    base,
    head,
    ...(blocksToDecide !== undefined && { blocksToDecide }),
  };
}
