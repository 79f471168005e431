import { changeOf } from '../../results/change.ts';
import type { MeasuredScenario } from '../../results/summary.ts';
import { traitsOf } from '../../results/traits-of.ts';
import { shortChange, sideOf } from '../change-text.ts';
import { formatQuantity } from '../format.ts';
import { findMetric, type RankedTopology, scenarioName } from '../ranking.ts';
import { shortName, worseSideOf } from './overhead-spec.ts';
import type { TradeOffSpec } from './spec.ts';
import type { MetricView } from './views.ts';

/** What a network keeps apart, from nothing upwards; each level has what those before it have. */
export const protectionLevels = [
  'shares a network stack',
  'own stack, on a shared segment',
  'own stack and private network',
  'private network, encrypted on the wire',
] as const;

/**
 * The level that a network's traits give; undefined where they are unknown. Encryption counts where its driver says so:
 * then the witness must have seen no packet in clear for a trial to count.
 */
export function protectionLevel({ plan }: MeasuredScenario): number | undefined {
  const traits = traitsOf(plan);
  if (!traits) return undefined;
  if (traits.stack !== 'own') return 0;
  if (!traits.isolates) return 1;
  return traits.encrypts ? 3 : 2;
}

/** What is lost in a metric against what is gained in separation; undefined where fewer than two networks compare. */
export function tradeOffSpec(
  ranked: RankedTopology,
  view: MetricView,
  title: string,
): TradeOffSpec | undefined {
  const points = ranked.measured.flatMap((scenario): TradeOffSpec['points'] => {
    const level = protectionLevel(scenario);
    const metric = findMetric(scenario, view.workload, view.metric);
    if (level === undefined || !metric) return [];
    const name = shortName(scenarioName(scenario));
    const figure = formatQuantity(metric.median, metric.unit);
    if (scenario.isBaseline)
      return [{ name, level, ratio: 1, figure, change: 'baseline', standing: 'baseline' }];
    if (!metric.overhead) return [];
    const { overhead, better } = metric;
    const { estimate, interval } = changeOf(overhead, better);
    return [
      {
        name,
        level,
        ratio: 1 + estimate,
        ...(interval ? { lowRatio: 1 + interval.low, highRatio: 1 + interval.high } : {}),
        figure,
        change: shortChange(overhead.estimate, better),
        standing: sideOf(overhead),
      },
    ];
  });
  const worseSide = worseSideOf(view.better);
  return points.length >= 2 && worseSide
    ? { kind: 'trade-off', title, levels: protectionLevels, points, worseSide }
    : undefined;
}
