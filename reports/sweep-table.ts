import type { RunSummary } from '../results/summary.ts';
import type { Sweep, SweepPoint } from '../results/sweeps.ts';
import { sweepsOf } from '../results/sweeps.ts';
import { shortChange } from './change-text.ts';
import { sweptTitles } from './charts/lines-spec.ts';
import { formatQuantity } from './format.ts';
import { plainText } from './text.ts';
import { topologyTitle } from './topology-title.ts';

/** A sweep as a table: a row per network, a column per point; texts are plain. */
export interface SweepTable {
  readonly title: string;
  /** Ids of the workloads that it shows and that are nothing but its points. */
  readonly workloads: readonly string[];
  readonly header: readonly string[];
  /** Each begins with the network's name. */
  readonly rows: readonly (readonly string[])[];
}

export function sweepTables(summary: RunSummary): SweepTable[] {
  return sweepsOf(summary).map((sweep) => tableOf(sweep, topologyTitle(summary.run, sweep.topology)));
}

function tableOf(
  { setting, workload, metric, unit, better, lines }: Sweep,
  topologyName: string,
): SweepTable {
  const points = [...new Set(lines.flatMap((line) => line.points.map(({ at }) => at)))].sort((a, b) => a - b);
  const title = `${topologyName} · ${workload} ${metric} by ${sweptTitles[setting]}`;
  return {
    title: plainText(title),
    workloads: setting === 'mtu' ? [] : points.map((at) => `${workload}@${setting}=${at}`),
    header: ['network', ...points.map((at) => formatQuantity(at, 'count'))],
    rows: lines.map(({ scenario, points: own }) => [
      plainText(scenario.replace(/^(?:same-host|cross-host)\//, '')),
      ...points.map((at) =>
        cell(
          own.find((point) => point.at === at),
          { unit, better },
        ),
      ),
    ]),
  };
}

/** `9.1 Gbit/s −12 %`: the value, and its change against the baseline at the same point. */
function cell(point: SweepPoint | undefined, { unit, better }: Pick<Sweep, 'unit' | 'better'>): string {
  if (!point) return '–';
  const value = formatQuantity(point.value, unit);
  return point.overhead === undefined ? value : `${value} ${shortChange(point.overhead, better)}`;
}
