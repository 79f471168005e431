import { clockOf } from './clock.ts';
import { type JsonDocument, jsonDocument } from './json-schema.ts';
import { packetSize } from './packet-size.ts';
import { sharesKernel } from './shared-kernel.ts';
import type {
  DistributionSummary,
  MetricSummary,
  RunSummary,
  ScenarioSummary,
  TrialCounts,
  WitnessSummary,
  WorkloadSummary,
} from './summary.ts';
import { warningText } from './warning-text.ts';

export type Verdict = 'pass' | 'improved' | 'regressed' | 'inconclusive' | 'invalid';

/** What `--json` prints of a run: a stable format of its own, apart from the internals. */
export type JsonOutput = JsonDocument<'run'>;
export type JsonScenario = JsonOutput['scenarios'][number];
type JsonWorkload = JsonScenario['workloads'][number];
export type JsonMetric = JsonWorkload['metrics'][number];

/** The `--json` object of a run. */
export function jsonOutput(summary: RunSummary, verdict?: Verdict): JsonOutput {
  return jsonDocument('run', {
    ...jsonRun(summary),
    ...(verdict !== undefined && { verdict }),
    scenarios: summary.topologies.flatMap(({ topology, scenarios }) =>
      scenarios.map((scenario) => jsonScenario(scenario, topology)),
    ),
  });
}

/** What is told of a run itself, be it judged or not. */
function jsonRun({ run, missing, topologies, warnings }: RunSummary) {
  const measured = topologies.flatMap(({ scenarios }) =>
    scenarios.flatMap((scenario) => (scenario.status === 'unsupported' ? [] : [scenario.counts])),
  );
  const total = (status: 'ok' | 'invalid' | 'failed') =>
    measured.reduce((sum, counts) => sum + counts[status], 0);
  return {
    run: run.id,
    label: run.label,
    tareVersion: run.tareVersion,
    startedAt: run.startedAt,
    ...(run.finishedAt !== undefined && { finishedAt: run.finishedAt }),
    state: run.state,
    clock: clockOf(run),
    profile: run.plan.profile,
    blocks: run.plan.blocks,
    seed: run.plan.seed,
    command: run.command,
    measuredSeconds: run.measuredSeconds,
    wallSeconds: run.wallSeconds,
    baselines: run.plan.baselines,
    ...(topologies.some(({ topology }) => topology === 'cross-host') &&
      sharesKernel(run, 'cross-host') && { sharedKernel: true as const }),
    counts: { ok: total('ok'), invalid: total('invalid'), failed: total('failed') },
    ...(missing && { missing }),
    warnings: warnings.map(warningText),
  };
}

function jsonScenario(scenario: ScenarioSummary, topology: JsonScenario['topology']): JsonScenario {
  const { id, arm, isBaseline, status, reason } = scenario;
  return {
    id,
    topology,
    ...(arm !== undefined && { arm }),
    isBaseline,
    status,
    ...(reason !== undefined && { reason }),
    ...(scenario.status === 'unsupported'
      ? { remedy: scenario.remedy, workloads: [] }
      : {
          ...packetSize(scenario),
          counts: jsonCounts(scenario.counts),
          witness: jsonWitness(scenario.witness),
          workloads: scenario.workloads.map(jsonWorkload),
        }),
  };
}

const jsonCounts = ({ ok, invalid, failed }: TrialCounts) => ({ ok, invalid, failed });

const jsonWitness = ({ verdict, proven, refuted, unobserved, absent, sentence }: WitnessSummary) => ({
  verdict,
  proven,
  refuted,
  unobserved,
  absent,
  ...(sentence !== undefined && { sentence }),
});

function jsonWorkload({ id, counts, witness, metrics, distributions }: WorkloadSummary): JsonWorkload {
  return {
    id,
    counts: jsonCounts(counts),
    witness: jsonWitness(witness),
    metrics: metrics.map(jsonMetric),
    distributions: distributions.map(jsonDistribution),
  };
}

const jsonDistribution = ({ metric, samples, trials, percentilesSeconds }: DistributionSummary) => ({
  metric,
  samples,
  trials,
  percentilesSeconds,
});

function jsonMetric(summary: MetricSummary): JsonMetric {
  const { name, unit, better, derived, n, median, min, max, overhead, noiseFloor } = summary;
  return {
    name,
    unit,
    better,
    derived,
    n,
    median,
    min,
    max,
    ...(overhead && { overhead: { estimate: overhead.estimate, ...overhead.interval, n: overhead.n } }),
    ...(noiseFloor && { noiseFloor }),
  };
}
