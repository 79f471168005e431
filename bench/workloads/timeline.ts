import type { Timeline } from '../../results/schema.ts';
import { median } from '../../results/statistics/order.ts';

/**
 * Samples as the middle value of each bin of time.
 * @param samples seconds since the first one, and the value in the series' unit
 */
export function binned(
  name: string,
  unit: Timeline['series'][number]['unit'],
  samples: readonly (readonly [number, number])[],
  binSeconds: number,
): Timeline['series'][number] {
  const bins = new Map<number, number[]>();
  for (const [seconds, value] of samples) {
    if (seconds < 0) continue;
    const bin = Math.floor(seconds / binSeconds);
    const values = bins.get(bin);
    if (values) values.push(value);
    else bins.set(bin, [value]);
  }
  return {
    name,
    unit,
    binSeconds,
    bins: [...bins]
      .sort(([a], [b]) => a - b)
      .map(([bin, values]) => [bin, Number(median(values).toPrecision(4))]),
  };
}
