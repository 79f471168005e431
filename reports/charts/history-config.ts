import type { ChartConfiguration, Plugin } from 'chart.js';
import { formatMoment, formatPercentChange, formatQuantity } from '../format.ts';
import { commonOptions, surfacePlugin } from './parts.ts';
import { decadeTicks, ratioDomain, ratioLabel, ratioTicks } from './ratio-ticks.ts';
import type { HistorySpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

/** One figure over runs: points with intervals, and a rule where it seems to have changed. */
export function historyConfig(spec: HistorySpec, look: ChartLook): ChartConfiguration {
  const { theme, isNarrow } = look;
  const common = commonOptions(theme);
  const axisFont = { family: theme.font, size: 11 };
  const domain = valueDomain(spec);
  const show = (value: number) =>
    spec.follows === 'ratio' ? formatPercentChange(value - 1) : formatQuantity(value, spec.follows);
  return {
    type: 'line',
    data: {
      labels: spec.points.map(({ run, label }) => label || run),
      datasets: [
        {
          label: spec.title,
          data: spec.points.map(({ value }) => value),
          borderColor: theme.series[1] ?? theme.ink,
          backgroundColor: theme.series[1] ?? theme.ink,
          borderWidth: 1.5,
          pointRadius: 4,
        },
      ],
    },
    options: {
      ...common,
      scales: {
        x: {
          type: 'category',
          offset: true,
          grid: { display: false },
          border: { display: false },
          ticks: { color: theme.muted, font: axisFont, maxTicksLimit: isNarrow ? 3 : 8, maxRotation: 0 },
        },
        y: {
          type: 'logarithmic',
          min: domain.low,
          max: domain.high,
          afterBuildTicks: (axis) => {
            const ticks =
              spec.follows === 'ratio'
                ? ratioTicks(domain.low, domain.high, 0.14)
                : decadeTicks(domain.low, domain.high, 6);
            axis.ticks = ticks.map((value) => ({ value }));
          },
          grid: { color: theme.grid },
          border: { display: false },
          ticks: {
            color: theme.muted,
            font: axisFont,
            autoSkip: false,
            callback: (value) => (spec.follows === 'ratio' ? ratioLabel(Number(value)) : show(Number(value))),
          },
        },
      },
      plugins: {
        ...common.plugins,
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            title: ([item]) => spec.points[item?.dataIndex ?? 0]?.run ?? '',
            label: ({ dataIndex }) => {
              const point = spec.points[dataIndex];
              return point ? [formatMoment(point.startedAt), show(point.value)] : [];
            },
          },
        },
      },
    },
    plugins: [surfacePlugin(theme), historyPlugin(spec, look)],
  };
}

function valueDomain({ points, follows }: HistorySpec): { low: number; high: number } {
  const values = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  if (follows === 'ratio') return ratioDomain(values);
  const positive = values.filter((value) => value > 0);
  return positive.length > 0
    ? { low: Math.min(...positive) * 0.9, high: Math.max(...positive) * 1.1 }
    : { low: 0.1, high: 1 };
}

/** Vertical intervals under the points, and dashed rules with their size where a change was found. */
function historyPlugin(spec: HistorySpec, { theme }: ChartLook): Plugin {
  return {
    id: 'history',
    beforeDatasetsDraw: ({ ctx, chartArea, scales }) => {
      const { x, y } = scales;
      if (!x || !y) return;
      ctx.save();
      ctx.strokeStyle = theme.muted;
      ctx.lineWidth = 1.5;
      spec.points.forEach(({ low, high }, index) => {
        if (low === undefined || high === undefined) return;
        const at = x.getPixelForValue(index);
        ctx.beginPath();
        ctx.moveTo(at, y.getPixelForValue(low));
        ctx.lineTo(at, y.getPixelForValue(high));
        ctx.stroke();
      });
      ctx.setLineDash([5, 4]);
      ctx.font = `bold 11px ${theme.font}`;
      ctx.textBaseline = 'top';
      for (const { at, text, isWorse } of spec.changes) {
        const between = (x.getPixelForValue(at - 1) + x.getPixelForValue(at)) / 2;
        ctx.strokeStyle = isWorse ? theme.worse : theme.better;
        ctx.fillStyle = ctx.strokeStyle;
        ctx.beginPath();
        ctx.moveTo(between, chartArea.top);
        ctx.lineTo(between, chartArea.bottom);
        ctx.stroke();
        ctx.fillText(text, between + 5, chartArea.top + 2);
      }
      ctx.restore();
    },
  };
}
