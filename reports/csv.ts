import { trialMetrics } from '../results/cpu-metrics.ts';
import { trialReasonText } from '../results/reason-text.ts';
import type { Metric, PairFacts, Plan, Trial } from '../results/schema.ts';
import { plainText } from './text.ts';

/** What a row needs of a trial; the page keeps the same of each. */
export interface CsvTrial {
  readonly block: number;
  readonly order: number;
  readonly chain: number;
  readonly generation: number;
  readonly scenario: string;
  readonly workload: string;
  readonly arm?: 'base' | 'head';
  readonly startedAt: string;
  readonly status: Trial['status'];
  readonly reason?: string;
  readonly witness?: 'proven' | 'refuted' | 'unobserved';
  /** Share of the busiest machine's CPU that other programs took (0 to 1). */
  readonly foreignCpuShare?: number;
  /** Effective MTU of its network, in bytes. */
  readonly mtuBytes?: number;
  /** Empty where the trial failed. */
  readonly metrics: readonly Metric[];
}

const columns = [
  'run',
  'block',
  'order',
  'chain',
  'generation',
  'topology',
  'scenario',
  'arm',
  'workload',
  'started_at',
  'status',
  'reason',
  'witness',
  'metric',
  'unit',
  'better',
  'value',
  'foreign_cpu_share',
  'mtu_bytes',
  'clock',
] as const;

/**
 * Tidy CSV (RFC 4180): a row per trial and metric, the warm-up (block −1) included; a trial without metrics has one row
 * with empty metric fields. Values are in base units with all their digits; `counted` ones are no stopwatch's.
 */
export function renderCsv(
  run: string,
  trials: readonly CsvTrial[],
  clock: 'wall' | 'counted' = 'wall',
): string {
  const rows = [columns.join(',')];
  for (const trial of trials) {
    const head = [
      text(run),
      trial.block,
      trial.order,
      trial.chain,
      trial.generation,
      text(trial.scenario.split('/')[0] ?? ''),
      text(trial.scenario),
      trial.arm ?? '',
      text(trial.workload),
      text(trial.startedAt),
      trial.status,
      text(trial.reason ?? ''),
      trial.witness ?? '',
    ].join(',');
    const tail = `${trial.foreignCpuShare ?? ''},${trial.mtuBytes ?? ''},${clock}`;
    if (trial.metrics.length === 0) rows.push(`${head},,,,,${tail}`);
    for (const { name, unit, better, value } of trial.metrics) {
      rows.push(`${head},${text(name)},${unit},${better},${value},${tail}`);
    }
  }
  return `${rows.join('\r\n')}\r\n`;
}

/** The trials of a record as rows want them, derived CPU metrics included. */
export function csvTrials(
  trials: readonly Trial[],
  {
    pairs = [],
    plan = { workloads: [] },
  }: { pairs?: readonly PairFacts[]; plan?: Pick<Plan, 'workloads'> } = {},
): CsvTrial[] {
  const sizes = new Map(pairs.map((pair) => [pairKey(pair), pair.mtuBytes]));
  return trials.map((trial) => {
    // Records of older versions tell neither arm nor generation of a pair.
    const mtuBytes = sizes.get(pairKey(trial)) ?? sizes.get(pairKey({ scenario: trial.scenario }));
    const { block, order, chain, generation, scenario, workload, startedAt, status } = trial;
    const witness = trial.status === 'failed' ? undefined : trial.witness?.verdict;
    const foreign = trial.status === 'failed' ? undefined : trial.foreignCpu?.map(({ share }) => share);
    return {
      block,
      order,
      chain,
      generation,
      scenario,
      workload,
      ...(trial.arm !== undefined && { arm: trial.arm }),
      startedAt,
      status,
      ...(trial.status !== 'ok' && { reason: trialReasonText(trial.reason) }),
      ...(witness !== undefined && { witness }),
      ...(mtuBytes !== undefined && { mtuBytes }),
      ...(foreign?.length && { foreignCpuShare: Math.max(...foreign) }),
      metrics: trial.status === 'failed' ? [] : trialMetrics(trial, plan),
    };
  });
}

const pairKey = ({ scenario, arm, generation }: Pick<PairFacts, 'scenario' | 'arm' | 'generation'>): string =>
  [scenario, arm, generation].join(' ');

/** Harmless text, quoted where it must be. What a spreadsheet would run as a formula is kept from it by an apostrophe. */
function text(value: string): string {
  const plain = plainText(value);
  const safe = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(plain) ? `'${plain}` : plain;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
