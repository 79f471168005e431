import { isCounted, ranksNothing } from './clock.ts';
import { countTrials, countWarnings, countWitnesses } from './counts.ts';
import { type MetricDigest, summariseMetrics } from './metric-summary.ts';
import { oddTrialWarnings } from './odd-trials.ts';
import { bracket } from './overhead.ts';
import { commonReasonText } from './reason-text.ts';
import { sanityWarnings } from './sanity.ts';
import { ruleWarnings } from './sanity-rules.ts';
import { topologies } from './scenario.ts';
import type { OkTrial, PairFacts, Plan, RunRecord, ScenarioPlan, Trial } from './schema.ts';
import { mergeHistograms, percentileNanoseconds, sampleCount } from './statistics/histogram.ts';
import { median } from './statistics/order.ts';
import {
  type DistributionSummary,
  isMeasuredBlock,
  type MachineLoad,
  type PercentileName,
  percentileNames,
  type RunSummary,
  type ScenarioSummary,
  type TrialCounts,
  type WorkloadSummary,
} from './summary.ts';
import { unsupportedRemedy, unsupportedText } from './unsupported-text.ts';
import { warningText } from './warning-text.ts';
import type { FoundWarning, SummaryWarning } from './warnings.ts';

/**
 * Digests a run. Pure: the same record gives the same summary.
 * @param storeWarnings what reading the record found odd
 */
export function summarise(record: RunRecord, storeWarnings: readonly FoundWarning[] = []): RunSummary {
  const { run, missing } = record;
  const trials = record.trials.filter(isMeasuredBlock);
  const warnings: SummaryWarning[] = [...storeWarnings, ...run.warnings];
  if (missing) warnings.push({ code: 'incomplete', ...missing });
  if (run.state !== 'finished') warnings.push({ code: 'unfinished', state: run.state });
  if (ranksNothing(run)) warnings.push({ code: 'emulated' });
  if (isCounted(run)) warnings.push({ code: 'counted' });
  const summaries = topologies.flatMap((topology) => {
    // A live comparison plans its scenarios once per arm; their trials tell the arms apart.
    const scenarios = [
      ...new Map(run.plan.scenarios.map((scenario) => [scenario.id, scenario])).values(),
    ].filter((scenario) => scenario.topology === topology);
    if (scenarios.length === 0) return [];
    const baseline = run.plan.baselines[topology];
    return [
      {
        topology,
        ...(baseline !== undefined && { baseline }),
        scenarios: scenarios.flatMap((plan) => scenarioSummaries(record, trials, plan, baseline, warnings)),
      },
    ];
  });
  return {
    run,
    ...(missing && { missing }),
    topologies: summaries,
    warnings: unique([
      ...warnings,
      ...sanityWarnings(summaries),
      ...ruleWarnings(record, summaries),
      ...oddTrialWarnings(record, summaries),
    ]),
  };
}

function scenarioSummaries(
  record: RunRecord,
  trials: readonly Trial[],
  plan: ScenarioPlan,
  baseline: string | undefined,
  warnings: SummaryWarning[],
): ScenarioSummary[] {
  const isBaseline = plan.id === baseline;
  if (plan.status === 'unsupported') {
    return [
      {
        id: plan.id,
        plan,
        isBaseline,
        status: 'unsupported',
        reason: unsupportedText(plan.reason),
        remedy: unsupportedRemedy(plan.reason),
      },
    ];
  }
  const own = trials.filter((trial) => trial.scenario === plan.id);
  const pairs = record.run.pairs.filter((each) => each.scenario === plan.id);
  const arms = [...new Set(own.map((trial) => trial.arm))].sort();
  return (arms.length > 0 ? arms : [undefined]).map((arm) => {
    const ofArm = own.filter((trial) => trial.arm === arm);
    // Records of older versions tell no arm.
    const ofPairs = pairs.filter((each) => each.arm === undefined || each.arm === arm);
    const [pair] = ofPairs;
    warnings.push(...changedMtu(plan.id, ofPairs));
    const counts = countTrials(ofArm);
    const [most] = counts.reasons;
    const reason = most ? commonReasonText(most) : 'no trial is in the record';
    const status = counts.ok > 0 ? 'ok' : counts.invalid > 0 ? 'invalid' : 'failed';
    const workloads = record.run.plan.workloads
      .map(({ id }) => ofArm.filter((trial) => trial.workload === id))
      .filter((ofWorkload) => ofWorkload.length > 0)
      .map((ofWorkload) =>
        workloadSummary(record.run.plan, trials, ofWorkload, isBaseline ? undefined : baseline, warnings),
      );
    return {
      id: plan.id,
      plan,
      ...(arm !== undefined && { arm }),
      isBaseline,
      status,
      ...(status !== 'ok' && { reason }),
      ...(pair && { pair }),
      counts,
      witness: countWitnesses(ofArm),
      workloads,
    };
  });
}

/** Containers that are made anew should get what they had before. */
function changedMtu(scenario: string, pairs: readonly PairFacts[]): SummaryWarning[] {
  const sizes = [...new Set(pairs.flatMap(({ mtuBytes }) => mtuBytes ?? []))];
  if (sizes.length < 2) return [];
  return [{ code: 'mtu-changed', subject: { scenario }, sizes }];
}

/** @param own all trials of one workload on one scenario (and arm), at least one */
function workloadSummary(
  plan: Plan,
  trials: readonly Trial[],
  own: readonly Trial[],
  baseline: string | undefined,
  warnings: SummaryWarning[],
): WorkloadSummary {
  const first = own[0] as Trial;
  const mine = new Set(own);
  const chains = trials.filter(
    (trial) => trial.workload === first.workload && (mine.has(trial) || trial.scenario === baseline),
  );
  const bracketed = bracket(
    chains,
    (trial) => mine.has(trial),
    (trial) => trial.scenario === baseline,
  );
  const ok = own.filter((trial): trial is OkTrial => trial.status === 'ok');
  const digests = summariseMetrics(bracketed, baseline !== undefined, plan);
  const counts = countTrials(own);
  warnings.push(...comparisonWarnings(first, digests), ...countWarning(first, counts));
  return {
    id: first.workload,
    counts,
    witness: countWitnesses(own),
    metrics: digests.map((digest) => digest.summary),
    distributions: distributions(ok),
    machines: machineLoads(ok),
    warnings: countWarnings(own),
  };
}

function comparisonWarnings(
  { scenario, workload, arm }: Trial,
  digests: readonly MetricDigest[],
): SummaryWarning[] {
  const warnings: SummaryWarning[] = [];
  const most = Math.max(0, ...digests.map((digest) => digest.alone));
  // Arms of a live A/B are compared with one another; the baseline need not stand beside them.
  if (most > 0 && arm === undefined) {
    warnings.push({ code: 'no-baseline-beside', subject: { scenario, workload }, trials: most });
  }
  for (const { summary, withoutLogarithm } of digests) {
    if (withoutLogarithm === 0) continue;
    warnings.push({
      code: 'no-ratio',
      subject: { scenario, workload, metric: summary.name },
      trials: withoutLogarithm,
    });
  }
  return warnings;
}

function countWarning({ scenario, workload }: Trial, counts: TrialCounts): SummaryWarning[] {
  const lost = counts.invalid + counts.failed;
  const [most] = counts.reasons;
  if (lost === 0 || !most) return [];
  const { reason, isVaried } = most;
  return [
    {
      code: 'lost-trials',
      subject: { scenario, workload },
      lost,
      of: lost + counts.ok,
      reason,
      isVaried,
    },
  ];
}

const percentileShares: Record<PercentileName, number> = {
  p50: 0.5,
  p90: 0.9,
  p99: 0.99,
  'p99.9': 0.999,
  'p99.99': 0.9999,
};

/** So many samples must lie beyond a percentile before it is given. */
const samplesBeyond = 10;

function distributions(trials: readonly OkTrial[]): DistributionSummary[] {
  const histograms = trials.map((trial) => trial.histogram).filter((each) => each !== undefined);
  const metrics = [...new Set(histograms.map((each) => each.metric))];
  return metrics.map((metric) => {
    const ofMetric = histograms.filter((each) => each.metric === metric);
    const histogram = mergeHistograms(ofMetric);
    const samples = sampleCount(histogram);
    const percentilesSeconds: Partial<Record<PercentileName, number>> = {};
    for (const name of percentileNames) {
      const value = percentileNanoseconds(histogram, percentileShares[name]);
      const beyond = samples * (1 - percentileShares[name]) * (1 + 1e-9);
      if (value !== undefined && beyond >= samplesBeyond) percentilesSeconds[name] = value / 1e9;
    }
    return { metric, samples, trials: ofMetric.length, percentilesSeconds, histogram };
  });
}

function machineLoads(trials: readonly OkTrial[]): MachineLoad[] {
  const readings = trials.flatMap((trial) => trial.cpu);
  return [...new Set(readings.map((each) => each.machine))].map((machine) => {
    const own = readings.filter((each) => each.machine === machine);
    const foreign = trials.flatMap(
      (trial) => trial.foreignCpu?.filter((each) => each.machine === machine) ?? [],
    );
    return {
      machine,
      cores: Math.max(...own.map((each) => each.cores)),
      busiestCoreShare: median(own.map((each) => Math.max(0, ...each.busyPerCore))),
      busiestSoftirqShare: median(own.map((each) => Math.max(0, ...each.softirqPerCore))),
      stealShare: median(own.map((each) => each.stealSeconds / (each.wallSeconds * each.cores))),
      ...(foreign.length > 0 && { foreignShare: median(foreign.map(({ share }) => share)) }),
    };
  });
}

function unique(warnings: readonly SummaryWarning[]): SummaryWarning[] {
  return [...new Map(warnings.map((warning) => [warningText(warning), warning])).values()];
}
