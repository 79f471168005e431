import type { ChartConfiguration } from 'chart.js';
import { formatQuantity, formatShare, withoutTrailingZeros } from '../format.ts';
import { legendHeight, lineLegend } from './line-legend.ts';
import { lookOf } from './looks.ts';
import { commonOptions, surfacePlugin } from './parts.ts';
import { decadeTicks } from './ratio-ticks.ts';
import type { DistributionSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

/** Cumulative distributions: a line per network, told apart by colour and dash pattern. */
export function distributionConfig(spec: DistributionSpec, chartLook: ChartLook): ChartConfiguration {
  const { theme, isNarrow } = chartLook;
  const common = commonOptions(theme);
  const axisFont = { family: theme.font, size: 11 };
  return {
    type: 'line',
    data: {
      datasets: spec.lines.map(({ name, look, points }) => ({
        label: name,
        data: points.map(([x, y]) => ({ x, y })),
        borderColor: lookOf(look, theme).colour,
        backgroundColor: lookOf(look, theme).colour,
        borderDash: [...lookOf(look, theme).dash],
        borderWidth: 2,
        pointStyle: lookOf(look, theme).marker,
        // A marker here and there, on each line elsewhere.
        pointRadius: ({ dataIndex }: { dataIndex: number }) => ((dataIndex + look * 3) % 24 === 0 ? 4 : 0),
        pointHitRadius: 8,
      })),
    },
    options: {
      ...common,
      parsing: false,
      layout: { padding: { bottom: legendHeight(spec, isNarrow) + 6, right: 8 } },
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: {
          type: 'logarithmic',
          min: spec.fromSeconds,
          max: spec.toSeconds,
          afterBuildTicks: (axis) => {
            axis.ticks = decadeTicks(spec.fromSeconds, spec.toSeconds, isNarrow ? 4 : 8).map((value) => ({
              value,
            }));
          },
          grid: { color: theme.grid },
          border: { display: false },
          ticks: {
            color: theme.muted,
            font: axisFont,
            autoSkip: false,
            maxRotation: 0,
            callback: (value) => withoutTrailingZeros(formatQuantity(Number(value), 's')),
          },
          title: { display: !spec.group, text: 'latency (logarithmic)', color: theme.muted, font: axisFont },
        },
        y: {
          min: 0,
          max: 1,
          grid: { color: theme.grid },
          border: { display: false },
          ticks: {
            color: theme.muted,
            font: axisFont,
            stepSize: 0.25,
            callback: (value) => formatShare(Number(value)),
          },
          title: { display: !spec.group, text: 'samples at or below', color: theme.muted, font: axisFont },
        },
      },
      plugins: {
        ...common.plugins,
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            title: ([item]) => item?.dataset.label ?? '',
            label: ({ parsed }) =>
              `${formatShare(parsed.y ?? 0)} of samples took ${formatQuantity(parsed.x ?? undefined, 's')} or less`,
          },
        },
      },
    },
    plugins: [surfacePlugin(theme), lineLegend(spec, chartLook)],
  };
}
