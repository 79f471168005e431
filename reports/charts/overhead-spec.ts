import type { RunRecord } from '../../results/schema.ts';
import type { Estimate, MeasuredScenario, MetricSummary } from '../../results/summary.ts';
import { formatEstimate, formatPercentChange, formatQuantity, hasInterval } from '../format.ts';
import { failureWord, pathVerdict, witnessMarks } from '../prose.ts';
import { findMetric, type RankedTopology, scenarioName } from '../ranking.ts';
import { plainText, truncate } from '../text.ts';
import type { OverheadRow, OverheadSpec, Standing, TrialDot, WitnessCode } from './spec.ts';
import type { MetricView } from './views.ts';

/** Witness of each trial by its order in the run. */
export type WitnessByOrder = ReadonlyMap<number, WitnessCode>;

export function witnessByOrder(record: RunRecord): WitnessByOrder {
  const codes = { proven: 'p', refuted: 'r', unobserved: 'u' } as const;
  return new Map(
    record.trials.map((trial) => [
      trial.order,
      trial.status !== 'failed' && trial.witness ? codes[trial.witness.verdict] : 'a',
    ]),
  );
}

/** The costs of one topology in one metric: interval, estimate and every trial. Sorted by that metric. */
export function overheadSpec(
  ranked: RankedTopology,
  view: MetricView,
  witnesses: WitnessByOrder,
): OverheadSpec {
  const rows = ranked.measured.map((scenario) => ({
    scenario,
    row: measuredRow(scenario, findMetric(scenario, view.workload, view.metric), witnesses),
  }));
  const position = ({ scenario, row }: (typeof rows)[number]) =>
    scenario.isBaseline ? 0 : (row.ratio ?? Number.POSITIVE_INFINITY);
  const sorted = rows.sort((a, b) => (position(a) === position(b) ? 0 : position(a) - position(b)));
  return {
    kind: 'overhead',
    title: ranked.title,
    unit: view.unit,
    baseline: plainText(ranked.baselineName ?? 'the baseline'),
    rows: [
      ...sorted.map(({ row }) => row),
      ...ranked.unsupported.map((scenario) => ({
        name: shortName(scenarioName(scenario)),
        mark: '',
        standing: 'none' as const,
        text: 'not supported here',
        shortText: 'n/a',
        dots: [],
      })),
    ],
  };
}

function measuredRow(
  scenario: MeasuredScenario,
  metric: MetricSummary | undefined,
  witnesses: WitnessByOrder,
): OverheadRow {
  const base = {
    name: shortName(scenarioName(scenario)),
    mark: witnessMarks[pathVerdict(scenario.witness)],
  };
  if (!metric) {
    const text = failureWord(scenario);
    return { ...base, standing: 'none', text, shortText: text, dots: [] };
  }
  if (scenario.isBaseline) {
    const text = formatQuantity(metric.median, metric.unit);
    return { ...base, standing: 'baseline', ratio: 1, text, shortText: text, dots: [] };
  }
  if (!metric.overhead) {
    const text = `${formatQuantity(metric.median, metric.unit)}, not compared`;
    return { ...base, standing: 'none', text, shortText: 'n/a', dots: [] };
  }
  const { estimate, interval } = metric.overhead;
  const shortText = formatPercentChange(estimate);
  return {
    ...base,
    standing: standingOf(metric.overhead),
    ratio: 1 + estimate,
    ...(interval ? { lowRatio: 1 + interval.low, highRatio: 1 + interval.high } : {}),
    text: formatEstimate(metric.overhead),
    shortText,
    dots: metric.observations.flatMap(({ logRatio, value, block, order }): TrialDot[] =>
      logRatio === undefined
        ? []
        : [[rounded(Math.exp(logRatio)), rounded(value), block, order, witnesses.get(order) ?? 'a']],
    ),
  };
}

/** Costlier or cheaper only where the whole interval is on that side of zero. */
export function standingOf(estimate: Estimate): Standing {
  if (!hasInterval(estimate)) return 'unsure';
  const { interval } = estimate;
  if (interval.low > 0) return 'costlier';
  return interval.high < 0 ? 'cheaper' : 'unsure';
}

export const shortName = (name: string) => truncate(plainText(name), 28);

/** Five significant digits are more than a dot's position shows. */
const rounded = (value: number) => Number(value.toPrecision(5));
