import type { Unit } from '../results/schema.ts';
import type { MetricSummary, RunSummary, ScenarioSummary, WorkloadSummary } from '../results/summary.ts';
import { plainText } from './text.ts';

/**
 * OpenMetrics 1.0 wants base units spelled out at the end of a name, and bytes rather than bits; a figure without a unit
 * has none. Of a rate `per_second` is all that is left of the unit, as the label `metric` says of what.
 */
const units: Readonly<Record<Unit, { readonly name: string; readonly divisor?: number }>> = {
  'bit/s': { name: 'bytes_per_second', divisor: 8 },
  s: { name: 'seconds' },
  ratio: { name: 'ratio' },
  count: { name: '' },
  byte: { name: 'bytes' },
  '1/s': { name: 'per_second' },
  's/GB': { name: 'seconds_per_gigabyte' },
  's/transaction': { name: 'seconds_per_transaction' },
  instructions: { name: 'instructions' },
};

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: { readonly labels: Labels; readonly value: number }[];
}

/**
 * A run in OpenMetrics' text format, all of it gauges and without timestamps, so that node_exporter's textfile collector
 * takes it, too. Values are in base units; what was not measured has no sample.
 */
export function renderOpenMetrics(summary: RunSummary): string {
  const families = new Map<string, Family>();
  const add = (name: string, unit: string, help: string, labels: Labels, value: number) => {
    const full = ['tare', name, unit].filter((part) => part !== '').join('_');
    const family = families.get(full) ?? { name: full, unit, help, samples: [] };
    families.set(full, family);
    family.samples.push({ labels, value });
  };
  const { run } = summary;
  const info = { run: run.id, label: run.label ?? '', version: run.tareVersion, state: run.state };
  add('run_info', '', 'The run that all other samples are of; always 1.', info, 1);
  const started = Date.parse(run.startedAt) / 1000;
  if (Number.isFinite(started)) add('run_started', 'seconds', 'When it began, since 1970.', {}, started);
  add('run_measured', 'seconds', 'Time that its tools measured.', {}, run.measuredSeconds);
  add('run_warnings', '', 'What a reader should know before trusting a figure.', {}, summary.warnings.length);
  for (const { topology, scenarios } of summary.topologies) {
    for (const scenario of scenarios) {
      const labels = {
        topology,
        scenario: scenario.id,
        ...(scenario.arm !== undefined && { arm: scenario.arm }),
      };
      addScenario(scenario, labels, add);
    }
  }
  return `${[...families.values()].map(familyText).join('')}# EOF\n`;
}

type Add = (name: string, unit: string, help: string, labels: Labels, value: number) => void;

function addScenario(scenario: ScenarioSummary, labels: Labels, add: Add): void {
  const isReady = scenario.status === 'unsupported' ? 0 : 1;
  add('scenario_supported', '', 'Whether this network could be measured here at all.', labels, isReady);
  if (scenario.status === 'unsupported') return;
  for (const workload of scenario.workloads) addWorkload(workload, { ...labels, workload: workload.id }, add);
}

function addWorkload({ counts, witness, metrics }: WorkloadSummary, labels: Labels, add: Add): void {
  for (const status of ['ok', 'invalid', 'failed'] as const)
    add(
      'trials',
      '',
      'Trials by how they ended; the warm-up is left out.',
      { ...labels, status },
      counts[status],
    );
  for (const verdict of ['proven', 'refuted', 'unobserved', 'absent'] as const) {
    const help = 'Trials by what the counters said of the path that the packets took.';
    add('witnessed_trials', '', help, { ...labels, verdict }, witness[verdict]);
  }
  for (const metric of metrics) addMetric(metric, { ...labels, metric: metric.name }, add);
}

function addMetric({ unit, median, overhead, noiseFloor }: MetricSummary, labels: Labels, add: Add): void {
  const { name, divisor = 1 } = units[unit];
  add('trial_median', name, 'Median over the trials that count.', labels, median / divisor);
  if (overhead) {
    const help = 'Cost against the baseline, 0.25 is a quarter worse, negative is better.';
    add('overhead', 'ratio', help, labels, overhead.estimate);
    if (overhead.interval) {
      const { low, high, confidence } = overhead.interval;
      add('overhead_low', 'ratio', 'Lower end of the interval of that cost.', labels, low);
      add('overhead_high', 'ratio', 'Upper end of the interval of that cost.', labels, high);
      add('overhead_confidence', 'ratio', 'Confidence of the interval of that cost.', labels, confidence);
    }
  }
  if (noiseFloor) {
    const help = 'Smallest effect that the run could have seen.';
    add('noise_floor', 'ratio', help, labels, noiseFloor.effect);
  }
}

function familyText({ name, unit, help, samples }: Family): string {
  const head = [
    `# TYPE ${name} gauge`,
    ...(unit === '' ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
  ];
  const rows = samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => `${name}${labelText(labels)} ${value}`);
  return `${[...head, ...new Set(rows)].join('\n')}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  plainText(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
