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
    row.dots.map((dot) => ({ x: dot[0], y: index + spread(dot[3], isNarrow), row, dot })),
  );
  const names = spec.rows.map(nameOf);
  const common = commonOptions(theme);
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
      layout: { padding: { right: isNarrow ? 8 : columnsOf(spec).width, left: isNarrow ? 8 : 0, top: 4 } },
      interaction: { mode: 'nearest', intersect: true },
      scales: {
        x: ratioAxis(
          low,
          high,
          axisTitle(spec, isNarrow),
          theme,
          isNarrow ? 30 : columnsOf(spec).width + 170,
        ),
        y: rowAxis(
          isNarrow ? names.map(() => '') : names,
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

const nameOf = ({ name, mark }: OverheadRow): string => (mark ? `${name}  ${mark}` : name);

function axisTitle({ baseline, worseSide }: OverheadSpec, isNarrow: boolean): string {
  const side = worseSide ? `${worseSide} is worse` : '';
  if (isNarrow) return [`against ${baseline}`, side].filter(Boolean).join('; ');
  return `against ${baseline} (${['logarithmic', side].filter(Boolean).join('; ')})`;
}

/** Pixels of a bold 12-pixel character, of the widest of the fonts that pages and pictures are lettered with. */
const characterWidth = 7.6;
const columnGap = 12;

/** What stands to the right of the plot, in columns: the figure, its change, and in a word what that is. */
function columnsOf({ rows }: OverheadSpec): { change: number; word: number; width: number } {
  const widest = (text: (row: OverheadRow) => string) =>
    Math.ceil(Math.max(0, ...rows.map((row) => text(row).length)) * characterWidth);
  const figure = widest((row) => row.figure);
  const change = columnGap + (figure > 0 ? figure + columnGap : 0);
  const word = change + widest(({ text }) => text) + columnGap;
  return { change, word, width: word + widest((row) => row.word) };
}

/** Spreads the dots of a row over its height, the same way each time (golden-ratio sequence). */
function spread(order: number, isNarrow: boolean): number {
  const share = ((order * 0.618034) % 1) - 0.5;
  return isNarrow ? narrowPlot + share * 0.22 : share * 0.56;
}

/** Where screens are narrow the row's texts stand above its plot, which is this much of a row below its middle. */
const narrowPlot = 0.28;

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
      const columns = columnsOf(spec);
      spec.rows.forEach((row, index) => {
        const middle = y.getPixelForValue(index + (isNarrow ? narrowPlot : 0));
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
        const write = (text: string, left: number, top: number, style: string, isBold: boolean) => {
          ctx.font = `${isBold ? 'bold ' : ''}${isNarrow ? 11 : 12}px ${theme.font}`;
          ctx.fillStyle = style;
          ctx.fillText(text, left, top);
        };
        const isCompared = row.word !== '';
        ctx.save();
        ctx.textBaseline = 'middle';
        if (isNarrow) {
          const top = y.getPixelForValue(index - 0.3);
          write(nameOf(row), chartArea.left, top, theme.ink, true);
          ctx.textAlign = 'right';
          write(row.figure, chartArea.right, top, theme.ink, true);
          ctx.textAlign = 'left';
          const below = y.getPixelForValue(index - 0.06);
          write(isCompared ? `${row.text} ${row.word}` : row.text, chartArea.left, below, colour, isCompared);
        } else {
          const left = chartArea.right;
          write(row.figure, left + columnGap, middle, theme.ink, true);
          write(row.text, left + columns.change, middle, colour, isCompared);
          write(row.word, left + columns.word, middle, colour, false);
        }
        ctx.restore();
      });
    },
  };
}
