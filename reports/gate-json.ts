import type { GatedMetric, GateResult } from '../results/gate.ts';
import { jsonOutput } from '../results/json-output.ts';
import { type JsonDocument, jsonDocument } from '../results/json-schema.ts';
import type { RunSummary } from '../results/summary.ts';
import { undecidedWords } from './gate-prose.ts';

/** What `--json` of `compare` and `gate` prints: the object of the head run, and in it what was judged. */
export type JsonComparison = JsonDocument<'comparison'>;
type JsonChange = NonNullable<
  JsonComparison['scenarios'][number]['workloads'][number]['metrics'][number]['change']
>;

/** @param head the head run, or the live run with both arms */
export function gateJson(result: GateResult, head: RunSummary): JsonComparison {
  const { schemaVersion, kind, ...object } = jsonOutput(head);
  return jsonDocument('comparison', {
    ...object,
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
  });
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
