import type { ChartConfiguration, Plugin, Scale } from 'chart.js';
import { formatQuantity, withoutTrailingZeros } from '../format.ts';
import { legendHeight, lineLegend } from './line-legend.ts';
import { lookOf } from './looks.ts';
import { commonOptions, surfacePlugin } from './parts.ts';
import { decadeTicks } from './ratio-ticks.ts';
import type { LinesSpec } from './spec.ts';
import type { ChartLook, Theme } from './theme.ts';

type Axis = LinesSpec['x'];

/** Lines with their interval bands over what was varied, or over time; told apart by colour and dash pattern. */
export function linesConfig(spec: LinesSpec, look: ChartLook): ChartConfiguration {
  const { theme } = look;
  const common = commonOptions(theme);
  const points = (spec.axesOf ?? spec.lines).flatMap((line) => line.points);
  const y = domainOf(
    points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]),
    spec.y.isLogarithmic,
  );
  // Small charts are read by the titles of those of their group.
  const bare = spec.group ? { title: '' } : {};
  const isTime = spec.x.unit === 's';
  return {
    type: 'line',
    data: {
      datasets: spec.lines.map((line) => ({
        label: line.name,
        data: line.points.map((point) => ({ x: point.x, y: point.y })),
        borderColor: lookOf(line.look, theme).colour,
        backgroundColor: lookOf(line.look, theme).colour,
        borderDash: [...lookOf(line.look, theme).dash],
        borderWidth: 2,
        pointStyle: lookOf(line.look, theme).marker,
        pointRadius: ({ dataIndex }: { dataIndex: number }) =>
          !isTime || (dataIndex + line.look * 3) % 16 === 0 ? 4 : 0,
        pointHitRadius: 8,
      })),
    },
    options: {
      ...common,
      parsing: false,
      layout: {
        padding: { top: 6, right: 12, bottom: legendHeight(spec, look.isNarrow) + 6 },
      },
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: axis(
          { ...spec.x, ...bare },
          domainOf(
            points.map((point) => point.x),
            spec.x.isLogarithmic,
            isTime,
          ),
          look,
          [...new Set(points.map((point) => point.x))],
        ),
        y: axis({ ...spec.y, ...bare }, y, look),
      },
      plugins: {
        ...common.plugins,
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            title: ([item]) => item?.dataset.label ?? '',
            label: ({ datasetIndex, dataIndex }) => pointSentence(spec, datasetIndex, dataIndex),
          },
        },
      },
    },
    plugins: [
      surfacePlugin(theme),
      spansPlugin(spec, theme),
      bandsPlugin(spec, theme),
      lineLegend(spec, look),
    ],
  };
}

interface Domain {
  readonly min: number;
  readonly max: number;
}

/** Ends of an axis with some room; from zero where it is linear and nothing is below. */
function domainOf(values: readonly number[], isLogarithmic: boolean, isTight = false): Domain {
  const usable = values.filter((value) => Number.isFinite(value) && (!isLogarithmic || value > 0));
  if (usable.length === 0) return { min: isLogarithmic ? 0.1 : 0, max: 1 };
  const [low, high] = [Math.min(...usable), Math.max(...usable)];
  if (isLogarithmic) return { min: low / 1.15, max: high * 1.15 };
  if (isTight) return { min: low, max: high };
  return { min: Math.min(0, low), max: high === 0 ? 1 : high * 1.08 };
}

/** @param values where the points are; each gets a tick where they are few */
function axis(kind: Axis, { min, max }: Domain, { theme, isNarrow }: ChartLook, values?: readonly number[]) {
  const most = isNarrow ? 4 : 8;
  const font = { family: theme.font, size: 11 };
  return {
    type: kind.isLogarithmic ? ('logarithmic' as const) : ('linear' as const),
    min,
    max,
    ...(kind.isLogarithmic && {
      afterBuildTicks: (scale: Scale) => {
        const ticks = values && values.length <= most ? values : decadeTicks(min, max, most);
        scale.ticks = ticks.map((value) => ({ value }));
      },
    }),
    grid: { color: theme.grid },
    border: { display: false },
    ticks: {
      color: theme.muted,
      font,
      autoSkip: !kind.isLogarithmic,
      maxTicksLimit: most,
      maxRotation: 0,
      callback: (value: string | number) => withoutTrailingZeros(formatQuantity(Number(value), kind.unit)),
    },
    title: {
      display: kind.title !== '',
      text: kind.isLogarithmic ? `${kind.title} (logarithmic)` : kind.title,
      color: theme.muted,
      font,
    },
  };
}

function pointSentence(spec: LinesSpec, line: number, index: number): string[] {
  const point = spec.lines[line]?.points[index];
  if (!point) return [];
  const value = `${formatQuantity(point.x, spec.x.unit)}: ${formatQuantity(point.y, spec.y.unit)}`;
  if (point.low === undefined || point.high === undefined) return [value];
  return [value, `${formatQuantity(point.low, spec.y.unit)} to ${formatQuantity(point.high, spec.y.unit)}`];
}

/** Stretches of the horizontal axis with a name at their top: when the load was on. */
function spansPlugin(spec: LinesSpec, theme: Theme): Plugin {
  return {
    id: 'spans',
    beforeDatasetsDraw: ({ ctx, chartArea, scales }) => {
      if (!scales.x) return;
      ctx.save();
      ctx.font = `11px ${theme.font}`;
      ctx.textBaseline = 'top';
      for (const { from, to, name } of spec.spans) {
        const left = Math.max(chartArea.left, scales.x.getPixelForValue(from));
        const right = Math.min(chartArea.right, scales.x.getPixelForValue(to));
        ctx.fillStyle = theme.grid;
        ctx.globalAlpha = 0.6;
        ctx.fillRect(left, chartArea.top, right - left, chartArea.bottom - chartArea.top);
        ctx.globalAlpha = 1;
        ctx.fillStyle = theme.muted;
        ctx.fillText(name, left + 4, chartArea.top + 2);
      }
      ctx.restore();
    },
  };
}

/** The interval of each line as a band behind it. */
function bandsPlugin(spec: LinesSpec, theme: Theme): Plugin {
  return {
    id: 'bands',
    beforeDatasetsDraw: (chart) => {
      const { ctx, chartArea, scales } = chart;
      const { x, y } = scales;
      if (!x || !y) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(
        chartArea.left,
        chartArea.top,
        chartArea.right - chartArea.left,
        chartArea.bottom - chartArea.top,
      );
      ctx.clip();
      ctx.globalAlpha = 0.16;
      spec.lines.forEach(({ points, look }) => {
        const banded = points.filter((point) => point.low !== undefined && point.high !== undefined);
        if (banded.length < 2) return;
        ctx.fillStyle = lookOf(look, theme).colour;
        ctx.beginPath();
        for (const point of banded)
          ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(point.high ?? point.y));
        for (const point of [...banded].reverse())
          ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(point.low ?? point.y));
        ctx.closePath();
        ctx.fill();
      });
      ctx.restore();
    },
  };
}
