import type { ComparableMetric, Refusal } from './compare.ts';
import { trialMetrics } from './cpu-metrics.ts';
import { matchMeasured } from './match-arms.ts';
import { type Bracketed, bracket, compare, independentClusters, worseSign } from './overhead.ts';
import { isPrimaryMetric } from './primary-metric.ts';
import type { Metric, RunRecord, Trial } from './schema.ts';
import { median } from './statistics/order.ts';

/** Head against base as measured side by side in one run. */
export interface LiveComparison {
  readonly run: string;
  readonly metrics: readonly ComparableMetric[];
  /** The same of the baseline scenarios, which are alike in both arms. */
  readonly controls: readonly ComparableMetric[];
  readonly refusals: readonly Refusal[];
}

/**
 * Compares the two arms of a live run: d = s·ln(head / base), where base is the geometric mean of the base arm's trials
 * directly before and after in the same chain. A scenario of the head is compared with the one of the same id in the
 * base, or else with the one of the same driver and topology.
 */
export function compareArms(record: RunRecord): LiveComparison {
  const { run, trials } = record;
  const metrics: ComparableMetric[] = [];
  const controls: ComparableMetric[] = [];
  const refusals: Refusal[] = [];
  const baselines = new Set(Object.values(run.plan.baselines));
  for (const { head, base } of matchMeasured(record)) {
    if (!head || !base) {
      refusals.push({
        scope: 'scenario',
        scenario: (head ?? base) as string,
        what: (head ?? base) as string,
        reason: `it stands in the ${head ? 'head' : 'base'} arm only`,
        remedy: 'Give both arms the same scenarios.',
      });
      continue;
    }
    const own = trials.filter((trial) => trial.scenario === head || trial.scenario === base);
    const compared = comparePair(own, head, base, run.plan);
    if (compared.length === 0) {
      refusals.push({
        scope: 'scenario',
        scenario: head,
        what: head,
        reason: 'no trial of the head has an ok trial of the base beside it',
        remedy: 'Run `tare report` on the run to see why its trials do not count.',
      });
    }
    (baselines.has(head) ? controls : metrics).push(...compared);
  }
  if (metrics.length === 0 && refusals.length === 0) {
    refusals.push({
      scope: 'run',
      what: run.id,
      reason: 'it has no two arms',
      remedy: 'Make a live comparison with tare run --arm base=FILE --arm head=FILE.',
    });
  }
  return { run: run.id, metrics, controls, refusals };
}

function comparePair(
  trials: readonly Trial[],
  head: string,
  base: string,
  plan: RunRecord['run']['plan'],
): ComparableMetric[] {
  const bracketed = bracket(
    trials,
    (trial) => trial.arm === 'head' && trial.scenario === head,
    (trial) => trial.arm === 'base' && trial.scenario === base,
  );
  const workloads = [...new Set(bracketed.map((each) => each.trial.workload))];
  return workloads.flatMap((workload) => {
    const own = bracketed.filter((each) => each.trial.workload === workload);
    const names = [
      ...new Map(own.flatMap((each) => trialMetrics(each.trial, plan)).map((each) => [each.name, each])),
    ];
    const [first = ''] = names.map(([name]) => name);
    return names.flatMap(([name, metric]) => {
      const compared = compareMetric(own, metric, plan);
      const isPrimary = isPrimaryMetric({ workload, metric: name, first }, [plan]);
      return compared ? [{ scenario: head, workload, isPrimary, ...compared }] : [];
    });
  });
}

function compareMetric(own: readonly Bracketed[], metric: Metric, plan: RunRecord['run']['plan']) {
  const sign = worseSign(metric.better);
  if (sign === undefined) return undefined;
  const values: number[] = [];
  const references: number[] = [];
  const ratios: { block: number; chain: number; neighbourLogRatios: readonly number[] }[] = [];
  for (const each of own) {
    const value = trialMetrics(each.trial, plan).find((candidate) => candidate.name === metric.name)?.value;
    if (value === undefined) continue;
    const comparison = compare(each, metric.name, value, sign, plan);
    if (comparison.type !== 'compared') continue;
    values.push(value);
    references.push(comparison.reference);
    const { block, chain } = each.trial;
    ratios.push({ block, chain, neighbourLogRatios: comparison.neighbourLogRatios });
  }
  const independent = independentClusters(ratios).sort((a, b) => a.block - b.block);
  if (independent.length === 0) return undefined;
  return {
    metric: metric.name,
    unit: metric.unit,
    better: metric.better,
    base: { n: references.length, median: median(references) },
    head: { n: values.length, median: median(values) },
    sample: {
      type: 'paired',
      clusters: independent.map((each) => each.cluster),
      blocks: independent.map((each) => each.block),
    } as const,
  };
}
