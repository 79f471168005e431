import { legendHeight } from './line-legend.ts';
import type { ChartSpec } from './spec.ts';

/** Height in CSS pixels at which a chart's rows are legible. Where it is narrow, texts stand above what they tell of. */
export function chartHeight(spec: ChartSpec, isNarrow = false): number {
  switch (spec.kind) {
    case 'overhead':
      return isNarrow ? 52 + 58 * spec.rows.length : 64 + 34 * spec.rows.length;
    case 'distribution':
      return spec.group ? 130 : 300 + legendHeight(spec, isNarrow);
    case 'cpu':
      return 84 + 34 * spec.rows.length;
    case 'lines':
      return spec.group ? 130 : 260 + legendHeight(spec, isNarrow);
    case 'history':
      return 240;
    case 'path':
      return 120 + 34 * spec.rows.length;
    case 'icicle':
      return (
        40 +
        Math.max(
          300,
          Math.min(1000, 20 * spec.groups.reduce((sum, { functions }) => sum + functions.length, 0)),
        )
      );
    case 'trade-off':
      return 90 + 24 * spec.levels.length + 26 * spec.points.length;
  }
}
