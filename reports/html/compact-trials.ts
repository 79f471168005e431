import type { Metric, Trial } from '../../results/schema.ts';
import type { CsvTrial } from '../csv.ts';

/**
 * Trials in little room, for the page that makes CSV of them: what repeats stands once, rows are plain arrays. Ten
 * thousand trials with six metrics each take about 1 MB instead of 8.
 */
export interface CompactTrials {
  readonly texts: readonly string[];
  /** Metric kinds: name, unit, better. */
  readonly metrics: readonly (readonly [string, Metric['unit'], Metric['better']])[];
  readonly rows: readonly CompactRow[];
}

/** block, order, chain, generation, scenario, workload, arm, milliseconds since 1970, status, reason, witness, metrics, foreign load, MTU. */
type CompactRow = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number | string,
  number,
  number,
  number,
  readonly number[],
  number,
  number,
];

/** Of a longer run the page holds no trials, which would be most of it; report.csv beside it has them all. */
export const mostTrialsInPage = 20_000;

const statuses = ['ok', 'invalid', 'failed'] as const satisfies readonly Trial['status'][];
const verdicts = ['proven', 'refuted', 'unobserved'] as const;
const arms = ['base', 'head'] as const;

export function compactTrials(trials: readonly CsvTrial[]): CompactTrials {
  const texts = new Map<string, number>();
  const metrics = new Map<
    string,
    { readonly index: number; readonly kind: CompactTrials['metrics'][number] }
  >();
  const textIndex = (text: string | undefined): number => {
    if (text === undefined) return -1;
    const index = texts.get(text) ?? texts.size;
    texts.set(text, index);
    return index;
  };
  const metricIndex = ({ name, unit, better }: Metric): number => {
    const key = `${name}\n${unit}\n${better}`;
    const known = metrics.get(key) ?? { index: metrics.size, kind: [name, unit, better] as const };
    metrics.set(key, known);
    return known.index;
  };
  const rows = trials.map(
    (trial): CompactRow => [
      trial.block,
      trial.order,
      trial.chain,
      trial.generation,
      textIndex(trial.scenario),
      textIndex(trial.workload),
      trial.arm === undefined ? -1 : arms.indexOf(trial.arm),
      compactMoment(trial.startedAt),
      statuses.indexOf(trial.status),
      textIndex(trial.reason),
      trial.witness === undefined ? -1 : verdicts.indexOf(trial.witness),
      trial.metrics.flatMap((metric) => [metricIndex(metric), metric.value]),
      trial.foreignCpuShare ?? -1,
      trial.mtuBytes ?? -1,
    ],
  );
  return { texts: [...texts.keys()], metrics: [...metrics.values()].map(({ kind }) => kind), rows };
}

/** A moment as milliseconds where that gives it back exactly, else as it was written. */
function compactMoment(iso: string): number | string {
  const milliseconds = Date.parse(iso);
  return Number.isFinite(milliseconds) && new Date(milliseconds).toISOString() === iso ? milliseconds : iso;
}

export function expandTrials({ texts, metrics, rows }: CompactTrials): CsvTrial[] {
  return rows.map(
    ([
      block,
      order,
      chain,
      generation,
      scenario,
      workload,
      arm,
      moment,
      status,
      reason,
      witness,
      pairs,
      foreign,
      mtu,
    ]) => {
      const armName = arms[arm];
      const verdict = verdicts[witness];
      const reasonText = texts[reason];
      return {
        block,
        order,
        chain,
        generation,
        scenario: texts[scenario] ?? '',
        workload: texts[workload] ?? '',
        ...(armName !== undefined && { arm: armName }),
        startedAt: typeof moment === 'string' ? moment : new Date(moment).toISOString(),
        status: statuses[status] ?? 'failed',
        ...(reasonText !== undefined && { reason: reasonText }),
        ...(verdict !== undefined && { witness: verdict }),
        ...(foreign >= 0 && { foreignCpuShare: foreign }),
        ...(mtu > 0 && { mtuBytes: mtu }),
        metrics: expandMetrics(metrics, pairs),
      };
    },
  );
}

function expandMetrics(kinds: CompactTrials['metrics'], pairs: readonly number[]): Metric[] {
  const metrics: Metric[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const kind = kinds[pairs[at] ?? -1];
    const value = pairs[at + 1];
    if (kind && value !== undefined) metrics.push({ name: kind[0], unit: kind[1], better: kind[2], value });
  }
  return metrics;
}
