import type { MeasuredScenario } from '../../results/summary.ts';
import { traitsOf } from '../../results/traits-of.ts';
import { findMetric, type RankedTopology, scenarioName } from '../ranking.ts';
import { shortName, standingOf } from './overhead-spec.ts';
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
  const points = ranked.measured.flatMap((scenario) => {
    const level = protectionLevel(scenario);
    const metric = findMetric(scenario, view.workload, view.metric);
    if (level === undefined || !metric) return [];
    const name = shortName(scenarioName(scenario));
    if (scenario.isBaseline) return [{ name, level, ratio: 1, standing: 'baseline' as const }];
    if (!metric.overhead) return [];
    const { estimate, interval } = metric.overhead;
    return [
      {
        name,
        level,
        ratio: 1 + estimate,
        ...(interval ? { lowRatio: 1 + interval.low, highRatio: 1 + interval.high } : {}),
        standing: standingOf(metric.overhead),
      },
    ];
  });
  return points.length >= 2 ? { kind: 'trade-off', title, levels: protectionLevels, points } : undefined;
}
