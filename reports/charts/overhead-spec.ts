import { changeOf } from '../../results/change.ts';
import type { RunRecord } from '../../results/schema.ts';
import type { MeasuredScenario, MetricSummary } from '../../results/summary.ts';
import { changeText, shortChange, sideOf, sideWords } from '../change-text.ts';
import { formatQuantity } from '../format.ts';
import { baselineNote } from '../packet-sizes.ts';
import { failureWord, pathVerdict, witnessMarks } from '../prose.ts';
import { findMetric, type RankedTopology, scenarioName } from '../ranking.ts';
import { plainText, truncate } from '../text.ts';
import type { OverheadRow, OverheadSpec, TrialDot, WitnessCode } from './spec.ts';
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

/** One metric of one topology against the baseline: interval, estimate and every trial. From best to worst. */
export function overheadSpec(
  ranked: RankedTopology,
  view: MetricView,
  witnesses: WitnessByOrder,
): OverheadSpec {
  const rows = ranked.measured.map((scenario) => {
    const metric = findMetric(scenario, view.workload, view.metric);
    const cost = scenario.isBaseline
      ? Number.NEGATIVE_INFINITY
      : (metric?.overhead?.estimate ?? Number.POSITIVE_INFINITY);
    return { cost, row: measuredRow(scenario, metric, witnesses) };
  });
  const sorted = rows.sort((a, b) => (a.cost === b.cost ? 0 : a.cost - b.cost));
  const worseSide = worseSideOf(view.better);
  return {
    kind: 'overhead',
    title: ranked.title,
    unit: view.unit,
    baseline: plainText(ranked.baselineName ?? 'the baseline'),
    ...(worseSide && { worseSide }),
    rows: [
      ...sorted.map(({ row }) => row),
      ...ranked.unsupported.map((scenario) => ({
        name: shortName(scenarioName(scenario)),
        mark: '',
        standing: 'none' as const,
        figure: '',
        text: 'not supported here',
        shortText: 'n/a',
        word: '',
        dots: [],
      })),
    ],
  };
}

/** On which side of an axis of figures the worse ones stand. */
export function worseSideOf(better: MetricView['better']): 'left' | 'right' | undefined {
  return better === 'higher' ? 'left' : better === 'lower' ? 'right' : undefined;
}

function measuredRow(
  scenario: MeasuredScenario,
  metric: MetricSummary | undefined,
  witnesses: WitnessByOrder,
): OverheadRow {
  const base = {
    name: shortName(scenarioName(scenario)),
    mark: witnessMarks[pathVerdict(scenario.witness)],
    figure: metric ? formatQuantity(metric.median, metric.unit) : '',
    word: '',
    dots: [],
  };
  if (!metric) {
    const text = failureWord(scenario);
    return { ...base, standing: 'none', text, shortText: text };
  }
  if (scenario.isBaseline) {
    const note = baselineNote(scenario);
    const text = note ? `baseline, ${note}` : 'baseline';
    return { ...base, standing: 'baseline', ratio: 1, text, shortText: 'baseline' };
  }
  if (!metric.overhead) return { ...base, standing: 'none', text: 'not compared', shortText: 'n/a' };
  const { better, overhead } = metric;
  const { estimate, interval } = changeOf(overhead, better);
  const side = sideOf(overhead);
  const dots = metric.observations.flatMap(({ logRatio, value, baselineValue, block, order }): TrialDot[] =>
    logRatio === undefined || baselineValue === undefined
      ? []
      : [[rounded(value / baselineValue), rounded(value), block, order, witnesses.get(order) ?? 'a']],
  );
  return {
    ...base,
    standing: side,
    ratio: 1 + estimate,
    ...(interval ? { lowRatio: 1 + interval.low, highRatio: 1 + interval.high } : {}),
    text: changeText(overhead, better),
    shortText: shortChange(overhead.estimate, better),
    word: sideWords[side],
    dots: thinned(dots),
    ...(dots.length > mostDots && { trialCount: dots.length }),
  };
}

/** More dots than this are one blot on a row; a run of a hundred thousand trials would make a page of 20 MB of them. */
const mostDots = 240;

/** Evenly over the run; every trial counts in the estimate all the same. */
function thinned(dots: readonly TrialDot[]): readonly TrialDot[] {
  if (dots.length <= mostDots) return dots;
  return Array.from(
    { length: mostDots },
    (_, index) => dots[Math.floor((index * dots.length) / mostDots)] as TrialDot,
  );
}

export const shortName = (name: string) => truncate(plainText(name), 28);

/** Five significant digits are more than a dot's position shows. */
const rounded = (value: number) => Number(value.toPrecision(5));
