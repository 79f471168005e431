import type { ChartConfiguration, ChartEvent, Plugin } from 'chart.js';
import { hierarchy, partition } from 'd3-hierarchy';
import { instructionsText } from '../counted-prose.ts';
import { formatQuantity } from '../format.ts';
import { commonOptions, surfacePlugin } from './parts.ts';
import { inkOn, mixed } from './path-colours.ts';
import type { IcicleSpec } from './spec.ts';
import type { ChartLook, Theme } from './theme.ts';

/** A cell of the icicle in CSS pixels, and what it tells. */
interface Cell {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly name: string;
  readonly value: number;
  /** Absent where what it was is not known. */
  readonly difference?: number;
  readonly depth: number;
}

interface Node {
  readonly name: string;
  readonly value?: number;
  readonly total?: number;
  readonly difference?: number;
  readonly children?: readonly Node[];
}

/** Share of the width at which the columns of whole, parts and functions begin. */
const columns = [0, 0.15, 0.47, 1] as const;

/** The icicle's cells: the whole at the left, its parts, their functions, each as high as its share. */
export function icicleCells(spec: IcicleSpec, width: number, height: number): Cell[] {
  const tree: Node = {
    name: spec.name,
    total: spec.total,
    difference: spec.difference,
    children: spec.groups.map(({ name, value, difference, functions }) => ({
      name,
      total: value,
      difference,
      children: functions,
    })),
  };
  // Sums are those of the functions, which alone have a length of their own.
  const root = partition<Node>().size([height, columns.length - 1])(
    hierarchy(tree).sum(({ children, value }) => (children ? 0 : (value ?? 0))),
  );
  return root.descendants().map(({ x0, x1, depth, data }) => {
    const [from = 0, to = 1] = [columns[depth], columns[depth + 1]];
    return {
      left: from * width,
      top: x0,
      width: (to - from) * width,
      height: x1 - x0,
      name: data.name,
      value: data.total ?? data.value ?? 0,
      ...(data.difference !== undefined && { difference: data.difference }),
      depth,
    };
  });
}

/** An icicle, drawn by hand on Chart.js's canvas, so that page and PNG show the same. */
export function icicleConfig(spec: IcicleSpec, look: ChartLook): ChartConfiguration {
  const common = commonOptions(look.theme);
  return {
    type: 'bar',
    data: { labels: [], datasets: [] },
    options: {
      ...common,
      events: ['mousemove', 'mouseout', 'touchstart'],
      layout: { padding: { top: 24, bottom: 4 } },
      scales: { x: { display: false }, y: { display: false } },
      plugins: { ...common.plugins, tooltip: { enabled: false } },
    },
    plugins: [surfacePlugin(look.theme), cellsPlugin(spec, look)],
  };
}

function cellsPlugin(spec: IcicleSpec, { theme, isNarrow }: ChartLook): Plugin {
  let hovered: Cell | undefined;
  const cellsOf = (area: { width: number; height: number }) => icicleCells(spec, area.width, area.height);
  const full = Math.max(
    1,
    ...spec.groups.flatMap(({ functions }) => functions.map((each) => Math.abs(each.difference ?? 0))),
  );
  return {
    id: 'cells',
    afterDraw: ({ ctx, chartArea }) => {
      ctx.save();
      ctx.font = `bold 11px ${theme.font}`;
      ctx.fillStyle = theme.muted;
      ctx.textBaseline = 'middle';
      ['whole', 'part of the path', 'function'].forEach((text, at) => {
        ctx.fillText(text, chartArea.left + (columns[at] ?? 0) * chartArea.width + 4, chartArea.top - 12);
      });
      ctx.translate(chartArea.left, chartArea.top);
      for (const cell of cellsOf(chartArea)) drawCell(ctx, cell, { theme, full, spec, isNarrow });
      if (hovered) drawHint(ctx, hovered, spec, theme, chartArea);
      ctx.restore();
    },
    afterEvent: (chart, args) => {
      const before = hovered;
      hovered = cellUnder(args.event, cellsOf(chart.chartArea), chart.chartArea);
      args.changed = before?.name !== hovered?.name || before?.top !== hovered?.top;
    },
  };
}

function cellUnder(
  { type, x, y }: ChartEvent,
  cells: readonly Cell[],
  area: { left: number; top: number },
): Cell | undefined {
  if (type === 'mouseout' || x === null || y === null) return undefined;
  const [left, top] = [x - area.left, y - area.top];
  return cells.find(
    (cell) =>
      left >= cell.left && left < cell.left + cell.width && top >= cell.top && top < cell.top + cell.height,
  );
}

interface Drawing {
  readonly theme: Theme;
  /** The change that has full colour. */
  readonly full: number;
  readonly spec: IcicleSpec;
  readonly isNarrow: boolean;
}

function drawCell(ctx: CanvasRenderingContext2D, cell: Cell, drawing: Drawing): void {
  const { theme } = drawing;
  const colour = colourOf(cell, drawing);
  ctx.fillStyle = colour;
  ctx.fillRect(cell.left, cell.top, Math.max(0, cell.width - 1), Math.max(0.5, cell.height - 1));
  if (cell.height < 9) return;
  const size = Math.min(12, Math.max(8, cell.height - 2));
  ctx.font = `${cell.depth < 2 ? 'bold ' : ''}${size}px ${theme.font}`;
  ctx.fillStyle = inkOn(colour);
  ctx.textBaseline = 'middle';
  const room = cell.width - 10;
  const [full = '', ...shorter] = labelsOf(cell, drawing.spec);
  const lines = cell.depth === 0 ? linesOf(cell, drawing.spec) : [];
  if (lines.length > 0) {
    lines.forEach((line, i) => {
      ctx.fillText(line, cell.left + 5, cell.top + 14 + 17 * i, room);
    });
    return;
  }
  const text = [full, ...shorter].find((each) => ctx.measureText(each).width <= room);
  if (text !== undefined) ctx.fillText(text, cell.left + 5, cell.top + cell.height / 2);
}

/** Longer is warm, shorter is cool, what is as it was is grey: by how much it changed against its own length. */
function colourOf({ difference = 0, value, depth }: Cell, { theme, full }: Drawing): string {
  if (depth === 0) return theme.grid;
  const strength = Math.sqrt(Math.min(1, Math.abs(difference) / Math.max(1, Math.min(full, value))));
  if (Math.abs(difference) < 0.5) return theme.grid;
  return mixed(theme.grid, difference > 0 ? theme.worse : theme.better, 0.12 + 0.88 * strength);
}

const countText = (value: number, { unit }: IcicleSpec): string =>
  unit === 'KiB' && value < 100 ? value.toFixed(2) : formatQuantity(Math.round(value), 'count');

function changeOf({ difference, value }: Cell, { unit, against }: IcicleSpec): string {
  if (difference === undefined || Math.abs(difference) < (unit === 'KiB' ? 0.005 : 0.5)) return '';
  return Math.abs(difference - value) < 0.5
    ? ` (not in ${against})`
    : ` (${instructionsText(difference, unit)})`;
}

function labelsOf(cell: Cell, spec: IcicleSpec): string[] {
  const { name, value, difference } = cell;
  const number = `${name} ${countText(value, spec)}`;
  const short =
    difference === undefined || Math.abs(difference) < 0.5
      ? number
      : `${number} (${instructionsText(difference, spec.unit)})`;
  return [`${number}${changeOf(cell, spec)}`, short, number, name];
}

/** The whole has room for lines of its own. */
const linesOf = ({ name, value, difference = 0 }: Cell, spec: IcicleSpec): string[] => [
  name,
  countText(value, spec),
  `${instructionsText(difference, spec.unit)}`,
  `vs ${spec.against}`,
];

/** What is under the pointer, in full. */
function drawHint(
  ctx: CanvasRenderingContext2D,
  cell: Cell,
  spec: IcicleSpec,
  theme: Theme,
  area: { width: number; height: number },
): void {
  const text = labelsOf(cell, spec)[0] ?? '';
  ctx.font = `12px ${theme.font}`;
  const width = ctx.measureText(text).width + 16;
  const left = Math.min(cell.left + 8, area.width - width);
  const top = Math.min(Math.max(0, cell.top + cell.height + 4), area.height - 26);
  ctx.fillStyle = theme.ink;
  ctx.fillRect(left, top, width, 24);
  ctx.fillStyle = theme.surface;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, left + 8, top + 12);
}
