import { type Grade, grades, type Matrix, matrixLegend } from './matrix.ts';
import { type Span, type Style, span } from './terminal-lines.ts';
import { displayWidth, pad, wrap } from './text.ts';

const styles: Readonly<Record<Grade, Style>> = {
  better: 'green',
  unsure: 'plain',
  few: 'dim',
  slightly: 'yellow',
  worse: 'yellow',
  much: 'red',
  far: 'red',
  figure: 'plain',
  none: 'dim',
};

/** The matrix for a terminal: as many workloads side by side as fit, each cell with its shade; the legend below. */
export function matrixLines(
  { columns: workloads, rows }: Matrix,
  nameColumns: number,
  columns: number,
): Span[][] {
  const table = workloads.map(({ workload, metric }, at) => {
    const cells = rows.map(({ cells }) => {
      const { grade, text } = cells[at] ?? { grade: 'none' as const, text: '–' };
      const { shade } = grades[grade];
      return span(shade ? `${shade} ${text}` : text, styles[grade]);
    });
    const widest = Math.max(...cells.map(({ text }) => displayWidth(text)));
    const parts = [...broken(workload), ...broken(metric)];
    const width = Math.max(widest, ...parts.map(displayWidth));
    return { cells, width, header: joined(parts, Math.max(width, 10)) };
  });
  const room = columns - nameColumns - 4;
  const lines: Span[][] = [];
  for (let start = 0; start < table.length; ) {
    let end = start + 1;
    let used = table[start]?.width ?? 0;
    while (end < table.length && used + 2 + (table[end]?.width ?? 0) <= room) {
      used += 2 + (table[end]?.width ?? 0);
      end += 1;
    }
    const band = table.slice(start, end);
    const high = Math.max(...band.map(({ header }) => header.length));
    lines.push([]);
    for (let row = 0; row < high; row += 1) {
      const titles = band.map(({ header, width }) => pad(header[row - high + header.length] ?? '', width));
      lines.push([span(`  ${pad('', nameColumns)}  ${titles.join('  ')}`, 'dim')]);
    }
    rows.forEach(({ name, isBaseline }, index) => {
      const cells = band.map(({ cells, width }) => {
        const cell = cells[index] ?? span('–', 'dim');
        return span(`  ${pad(cell.text, width)}`, cell.style);
      });
      lines.push([span(`  ${pad(name, nameColumns)}`, isBaseline ? 'bold' : 'plain'), ...cells]);
    });
    start = end;
  }
  const legend = wrap(`${matrixLegend} Intervals of all of them: report.md and report.html.`, columns - 2);
  return [...lines, ...legend.map((line) => [span(`  ${line}`, 'dim')])];
}

/** `tcp-stream-reverse` → `tcp-`, `stream-`, `reverse`: where a heading may break. */
const broken = (text: string): string[] =>
  text.match(/[^-@]*[-@]?/g)?.filter((part) => part !== '') ?? [text];

function joined(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && /[-@]$/.test(last) && displayWidth(last + part) <= width)
      lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines;
}
