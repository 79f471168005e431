import type { ComparableMetric } from './compare.ts';
import { percentText } from './figure-text.ts';
import type { GatedMetric, GateResult } from './gate.ts';
import { median } from './statistics/order.ts';

/** A result with what its reader should know of its sharpness, as further warnings. */
export function withAdvice(result: GateResult, isPaired: boolean, more: readonly string[] = []): GateResult {
  const warnings = [
    ...result.warnings,
    ...more,
    ...floorWarnings(result.metrics),
    ...tooFew(result, isPaired),
  ];
  return { ...result, warnings: [...new Set(warnings)] };
}

/**
 * Smallest change that a figure's interval could have told from none: half its width in logarithms, as a ratio minus
 * one. Absent where there is no interval.
 */
export function floorOf({ shift }: Pick<GatedMetric, 'shift'>): number | undefined {
  if (!shift.interval) return undefined;
  return Math.expm1((Math.log1p(shift.interval.high) - Math.log1p(shift.interval.low)) / 2);
}

/** Where delta is below the noise floor a pass is luck: said once for all figures, the noisiest first. */
function floorWarnings(metrics: readonly GatedMetric[]): string[] {
  const below = metrics
    .map((metric) => ({ metric, floor: floorOf(metric) }))
    .filter((each): each is { metric: GatedMetric; floor: number } => (each.floor ?? 0) > each.metric.delta)
    .sort((a, b) => b.floor / b.metric.delta - a.floor / a.metric.delta);
  const [worst] = below;
  if (!worst) return [];
  const { scenario, workload, metric, delta } = worst.metric;
  const others = below.length > 1 ? ` (and in ${below.length - 1} more)` : '';
  return [
    `Delta is below the noise floor: ${metric} of ${workload} on ${scenario} is judged by ${percentText(delta)}, and this ` +
      `comparison could not see less than ${percentText(worst.floor)}${others}. Measure more blocks, or take a greater ` +
      'delta; `tare calibrate` recommends both.',
  ];
}

function tooFew({ metrics, options }: GateResult, isPaired: boolean): string[] {
  const lacks = ({ undecided }: GatedMetric) =>
    undecided === 'too-few-blocks' || undecided === 'too-few-blocks-for-so-many';
  if (!metrics.some(lacks)) return [];
  const needed = fewestBlocks(metrics.length, options.alpha, isPaired);
  return [
    isPaired
      ? `Too few blocks to call any change: at least ${needed} are needed (--blocks ${needed}).`
      : `Too few blocks to call any change: both runs need at least ${needed} (--blocks ${needed}).`,
  ];
}

/** Beyond this ratio of scatters the two-sample test errs more often than it says: 1 in 100 at ten, 3 in 100 at twenty. */
const unlikeScatter = 8;

/**
 * Names figures whose two runs scatter so differently that a rank test between them is not to be trusted: it presumes
 * that they differ in place only.
 * @param metrics figures of two stored runs; paired ones have one scatter and are passed over
 */
export function scatterWarnings(metrics: readonly ComparableMetric[]): string[] {
  return metrics.flatMap(({ sample, scenario, workload, metric }) => {
    if (sample.type !== 'two-sample') return [];
    const [base, head] = [scatter(sample.base), scatter(sample.head)];
    if (!(base > 0) || !(head > 0)) return [];
    const ratio = Math.max(head / base, base / head);
    if (ratio < unlikeScatter) return [];
    const noisier = head > base ? 'head' : 'baseline';
    return [
      `${metric} of ${workload} on ${scenario} scatters ${ratio.toFixed(0)} times as much in the ${noisier} run as in the ` +
        'other: a change called here may be noise. Look for what else ran on the machine, and measure that run again.',
    ];
  });
}

/** Median absolute deviation from the median. */
function scatter(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

/**
 * Fewest blocks with which a regression of one figure among so many can be called at all: where the smallest p-value
 * there is, 2⁻ⁿ for pairs and n!²/(2n)! for two samples of n, is within alpha / 2 / figures.
 */
export function fewestBlocks(figures: number, alpha: number, isPaired: boolean): number {
  const level = alpha / 2 / Math.max(1, figures);
  let least = 1;
  for (let blocks = 1; ; blocks += 1) {
    least *= isPaired ? 1 / 2 : blocks / (2 * (2 * blocks - 1));
    if (least <= level) return blocks;
  }
}
