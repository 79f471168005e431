import type { Plugin } from 'chart.js';
import { lookOf } from './looks.ts';
import type { DistributionSpec, LinesSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

const rowPixels = 22;
const columnsOf = (isNarrow: boolean): number => (isNarrow ? 2 : 3);

type Lines = Pick<LinesSpec | DistributionSpec, 'group' | 'lines'>;

/** Small charts are named by their titles, and a single line needs no telling apart. */
const isLegend = ({ group, lines }: Lines): boolean => group === undefined && lines.length > 1;

/** Pixels under a chart that its legend takes. */
export function legendHeight(spec: Lines, isNarrow: boolean): number {
  const { lines } = spec;
  return isLegend(spec) ? rowPixels * Math.ceil(lines.length / columnsOf(isNarrow)) : 0;
}

/** Names under a chart of lines, each with the very dash and marker of its line: Chart.js shows but one of the two. */
export function lineLegend(spec: Lines, { theme, isNarrow }: ChartLook): Plugin {
  const { lines } = spec;
  return {
    id: 'looks',
    afterDraw: ({ ctx, width, height }) => {
      if (!isLegend(spec)) return;
      const columns = columnsOf(isNarrow);
      const cell = width / columns;
      const top = height - legendHeight(spec, isNarrow);
      ctx.save();
      ctx.font = `${isNarrow ? 11 : 12}px ${theme.font}`;
      ctx.textBaseline = 'middle';
      lines.forEach(({ name, look }, index) => {
        const { colour, dash, marker } = lookOf(look, theme);
        const left = (index % columns) * cell;
        const middle = top + rowPixels * (Math.floor(index / columns) + 0.5);
        ctx.strokeStyle = colour;
        ctx.fillStyle = colour;
        ctx.lineWidth = 2;
        ctx.setLineDash([...dash]);
        ctx.beginPath();
        ctx.moveTo(left, middle);
        ctx.lineTo(left + 34, middle);
        ctx.stroke();
        ctx.setLineDash([]);
        drawMarker(ctx, marker, left + 17, middle, 4);
        ctx.fillStyle = theme.ink;
        ctx.fillText(name, left + 42, middle, cell - 48);
      });
      ctx.restore();
    },
  };
}

function drawMarker(ctx: CanvasRenderingContext2D, marker: string, x: number, y: number, size: number): void {
  ctx.beginPath();
  const path = (points: readonly (readonly [number, number])[]) => {
    points.forEach(([dx, dy], index) => {
      if (index === 0) ctx.moveTo(x + dx * size, y + dy * size);
      else ctx.lineTo(x + dx * size, y + dy * size);
    });
    ctx.closePath();
    ctx.fill();
  };
  const strokes = (ends: readonly (readonly [number, number])[]) => {
    for (const [dx, dy] of ends) {
      ctx.moveTo(x - dx * size, y - dy * size);
      ctx.lineTo(x + dx * size, y + dy * size);
    }
    ctx.stroke();
  };
  if (marker === 'circle') {
    ctx.arc(x, y, size, 0, 2 * Math.PI);
    ctx.fill();
  } else if (marker === 'triangle')
    path([
      [0, -1],
      [0.9, 0.7],
      [-0.9, 0.7],
    ]);
  else if (marker === 'rect')
    path([
      [-0.8, -0.8],
      [0.8, -0.8],
      [0.8, 0.8],
      [-0.8, 0.8],
    ]);
  else if (marker === 'rectRot')
    path([
      [0, -1.1],
      [1.1, 0],
      [0, 1.1],
      [-1.1, 0],
    ]);
  else if (marker === 'cross')
    strokes([
      [1, 0],
      [0, 1],
    ]);
  else if (marker === 'crossRot')
    strokes([
      [0.8, 0.8],
      [0.8, -0.8],
    ]);
  else
    strokes([
      [1, 0],
      [0, 1],
      [0.7, 0.7],
      [0.7, -0.7],
    ]);
}
