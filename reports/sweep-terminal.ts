import type { SweepTable } from './sweep-table.ts';
import { type Span, span } from './terminal-lines.ts';
import { displayWidth, pad } from './text.ts';

/** Sweeps for a terminal: as many points side by side as fit, the rest below. */
export function sweepLines(tables: readonly SweepTable[], columns: number): Span[][] {
  return tables.flatMap(({ title, header, rows }) => {
    const all = [header, ...rows];
    const widths = header.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ''))));
    const nameWidth = Math.min(widths[0] ?? 12, Math.floor(columns * 0.3));
    const lines: Span[][] = [[], [span(title, 'bold')]];
    for (let start = 1; start < header.length; ) {
      let end = start + 1;
      let used = nameWidth + 4 + (widths[start] ?? 0);
      while (end < header.length && used + 2 + (widths[end] ?? 0) <= columns) {
        used += 2 + (widths[end] ?? 0);
        end += 1;
      }
      all.forEach((row, index) => {
        const style = index === 0 ? 'dim' : 'plain';
        const cells = row
          .slice(start, end)
          .map((text, offset) => pad(text, widths[start + offset] ?? 0, 'right'));
        lines.push([span(`  ${pad(row[0] ?? '', nameWidth)}  ${cells.join('  ')}`, style)]);
      });
      start = end;
    }
    return lines;
  });
}
