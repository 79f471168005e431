import type { ChartConfiguration, Plugin } from 'chart.js';
import type { Unit } from '../../results/schema.ts';
import { formatPercentChange, formatQuantity } from '../format.ts';
import {
  commonOptions,
  drawEstimate,
  drawInterval,
  ratioAxis,
  rowAxis,
  standingColour,
  surfacePlugin,
} from './parts.ts';
import { ratioDomain } from './ratio-ticks.ts';
import type { OverheadRow, OverheadSpec, WitnessCode } from './spec.ts';
import type { ChartLook } from './theme.ts';

interface DotPoint {
  readonly x: number;
  readonly y: number;
  readonly row: OverheadRow;
  readonly dot: OverheadRow['dots'][number];
}

const witnessSentences: Readonly<Record<WitnessCode, string>> = {
  p: 'path proven',
  r: 'path refuted',
  u: 'path not observed',
  a: 'no witness',
};

/** A forest plot: a row per network, its trials as dots, its interval and estimate on top, the figure at the right. */
export function overheadConfig(spec: OverheadSpec, look: ChartLook): ChartConfiguration {
  const { theme, isNarrow } = look;
  const { low, high } = ratioDomain(
    spec.rows.flatMap(({ ratio, lowRatio, highRatio, toleratedRatio, dots }) => [
      ...[ratio, lowRatio, highRatio, toleratedRatio].filter((value) => value !== undefined),
      ...dots.map(([value]) => value),
    ]),
  );
  const points = spec.rows.flatMap((row, index): DotPoint[] =>
    row.dots.map((dot) => ({ x: dot[0], y: index + spread(dot[3]), row, dot })),
  );
  const names = spec.rows.map(({ name, mark }) => (mark ? `${name}  ${mark}` : name));
  const common = commonOptions(theme);
  const plainTitle = spec.axisTitle ?? `cost against ${spec.baseline}`;
  const title = isNarrow || spec.axisTitle ? plainTitle : `${plainTitle} (logarithmic; right is worse)`;
  return {
    type: 'scatter',
    data: {
      datasets: [
        {
          label: 'trials',
          data: points as unknown as { x: number; y: number }[],
          backgroundColor: theme.dot,
          borderWidth: 0,
          radius: points.length > 2000 ? 1.6 : 2.6,
          hoverRadius: 5,
          clip: false,
        },
      ],
    },
    options: {
      ...common,
      layout: { padding: { right: figuresWidth(spec, isNarrow), top: 4 } },
      interaction: { mode: 'nearest', intersect: true },
      scales: {
        x: ratioAxis(low, high, title, theme, isNarrow ? 200 : 300),
        y: rowAxis(
          names,
          theme,
          spec.rows.findIndex(({ standing }) => standing === 'baseline'),
        ),
      },
      plugins: {
        ...common.plugins,
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            title: ([item]) => (item ? (item.raw as DotPoint).row.name : ''),
            label: (item) => dotSentence(item.raw as DotPoint, spec.unit as Unit),
          },
        },
      },
    },
    plugins: [surfacePlugin(theme), forestPlugin(spec, look)],
  };
}

function dotSentence({ dot }: DotPoint, unit: Unit): string[] {
  const [ratio, value, block, order, witness] = dot;
  return [
    `${formatQuantity(value, unit)}, ${formatPercentChange(ratio - 1)} against its neighbours`,
    `block ${block}, trial ${order}: ${witnessSentences[witness]}`,
  ];
}

/** Pixels of a bold 12-pixel character, of the widest of the fonts that pages and pictures are lettered with. */
const characterWidth = 7.6;
const figuresGap = 12;

/** Pixels to the right of the plot that the longest figure takes, with its confidence where that is said. */
function figuresWidth(spec: OverheadSpec, isNarrow: boolean): number {
  const longest = Math.max(0, ...spec.rows.map((row) => (isNarrow ? row.shortText : row.text).length));
  return figuresGap + Math.ceil(longest * characterWidth);
}

/** Spreads the dots of a row over its height, the same way each time (golden-ratio sequence). */
function spread(order: number): number {
  return (((order * 0.618034) % 1) - 0.5) * 0.56;
}

/** Draws the line of equality under the dots; intervals, estimates and figures over them. */
function forestPlugin(spec: OverheadSpec, { theme, isNarrow }: ChartLook): Plugin {
  return {
    id: 'forest',
    beforeDatasetsDraw: ({ ctx, chartArea, scales }) => {
      const x = scales.x?.getPixelForValue(1) ?? 0;
      ctx.save();
      ctx.fillStyle = theme.grid;
      spec.rows.forEach(({ toleratedRatio }, index) => {
        if (toleratedRatio === undefined || !scales.x || !scales.y) return;
        const [from, to] = [1 / toleratedRatio, toleratedRatio].map(
          (ratio) => scales.x?.getPixelForValue(ratio) ?? 0,
        );
        const top = scales.y.getPixelForValue(index - 0.42);
        const bottom = scales.y.getPixelForValue(index + 0.42);
        ctx.fillRect(from ?? 0, top, (to ?? 0) - (from ?? 0), bottom - top);
      });
      ctx.strokeStyle = theme.muted;
      ctx.setLineDash([4, 3]);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
    afterDatasetsDraw: ({ ctx, chartArea, scales }) => {
      const { x, y } = scales;
      if (!x || !y) return;
      spec.rows.forEach((row, index) => {
        const middle = y.getPixelForValue(index);
        const colour = standingColour(row.standing, theme);
        if (row.lowRatio !== undefined && row.highRatio !== undefined) {
          drawInterval(
            ctx,
            x.getPixelForValue(row.lowRatio),
            x.getPixelForValue(row.highRatio),
            middle,
            colour,
          );
        }
        if (row.ratio !== undefined)
          drawEstimate(ctx, x.getPixelForValue(row.ratio), middle, row.standing, theme);
        ctx.save();
        ctx.font = `${row.standing === 'none' ? '' : 'bold '}12px ${theme.font}`;
        ctx.fillStyle = colour;
        ctx.textBaseline = 'middle';
        ctx.fillText(isNarrow ? row.shortText : row.text, chartArea.right + figuresGap, middle);
        ctx.restore();
      });
    },
  };
}
