import type { Estimate } from '../results/summary.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A scale shared by the bars of one table. */
export interface BarScale {
  /** Columns left of zero, for what is better than the baseline, and right of it. */
  readonly leftColumns: number;
  readonly rightColumns: number;
  /** Ratio that one column stands for. */
  readonly perColumn: number;
}

/**
 * Chooses a scale for overheads in `columns`. One very bad scenario must not flatten the others: what is more than
 * three times the second worst runs off the scale and ends in ».
 */
export function barScale(overheads: readonly Estimate[], columns: number): BarScale | undefined {
  const uppers = overheads.map((overhead) => Math.max(0, upper(overhead))).sort((a, b) => b - a);
  const lowest = Math.min(0, ...overheads.map((overhead) => Math.max(-1, lower(overhead))));
  const [first = 0, second = 0] = uppers;
  const highest = second > 0 ? Math.min(first, 3 * second) : first;
  const span = highest - lowest;
  if (!(span > 0) || !Number.isFinite(span) || columns < 4) return undefined;
  const room = columns - 1;
  const leftColumns = lowest < 0 ? Math.min(room - 1, Math.max(1, Math.ceil((room * -lowest) / span))) : 0;
  const rightColumns = room - leftColumns;
  const perColumn = Math.max(highest / rightColumns, leftColumns > 0 ? -lowest / leftColumns : 0);
  return { leftColumns, rightColumns, perColumn };
}

const upper = ({ estimate, interval }: Estimate) =>
  interval && Number.isFinite(interval.high) ? interval.high : estimate;
const lower = ({ estimate, interval }: Estimate) =>
  interval && Number.isFinite(interval.low) ? interval.low : estimate;

/**
 * One bar: solid up to the bound nearer to zero (at least this much), hatched from there to the other bound (at most
 * that much). Where the interval spans zero, all of it is hatched. Exactly as wide as the scale.
 */
export function bar(overhead: Estimate, scale: BarScale): string {
  const low = lower(overhead);
  const high = upper(overhead);
  const right = side(Math.max(0, low), Math.max(0, high), scale.rightColumns, scale.perColumn);
  if (scale.leftColumns === 0) return `▏${right}`;
  const left = side(Math.max(0, -high), Math.max(0, -low), scale.leftColumns, scale.perColumn, true);
  return `${left}▏${right}`;
}

function side(near: number, far: number, columns: number, perColumn: number, mirrored = false): string {
  const nearColumns = near / perColumn;
  const isCut = far / perColumn > columns * 1.001;
  const total = Math.min(columns, Math.round(far / perColumn));
  const solid = Math.min(total, Math.round(nearColumns));
  let text = '█'.repeat(solid) + '▒'.repeat(total - solid);
  // Below half a column there would be nothing: a sliver shows that it is not zero.
  if (total === 0 && far > 0 && !mirrored)
    text = eighths[Math.max(1, Math.round((far / perColumn) * 8))] ?? '▏';
  if (isCut) text = `${text.slice(0, columns - 1)}»`;
  if (mirrored) text = [...text].reverse().join('').replace('»', '«');
  return mirrored ? text.padStart(columns) : text.padEnd(columns);
}
