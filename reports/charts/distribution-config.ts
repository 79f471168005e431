import type { ChartConfiguration } from 'chart.js';
import { formatNumber, formatQuantity, withoutTrailingZeros } from '../format.ts';
import { legendHeight, lineLegend } from './line-legend.ts';
import { lookOf } from './looks.ts';
import { commonOptions, surfacePlugin } from './parts.ts';
import { decadeTicks } from './ratio-ticks.ts';
import type { DistributionSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

const percentileTicks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];

/** One in how many samples lies beyond a share of them: 100 at the 99th percentile. */
const beyond = (share: number): number => 1 / (1 - Math.min(share, 1 - 1e-9));

/** `99.9 %` of one in a thousand. */
const percentileText = (oneIn: number): string =>
  `${withoutTrailingZeros(formatNumber((1 - 1 / oneIn) * 100, 6))}\u00a0%`;

/** Latency by percentile: a line per network, told apart by its look. */
export function distributionConfig(spec: DistributionSpec, chartLook: ChartLook): ChartConfiguration {
  const { theme, isNarrow } = chartLook;
  const common = commonOptions(theme);
  const axisFont = { family: theme.font, size: 11 };
  return {
    type: 'line',
    data: {
      datasets: spec.lines.map(({ name, look, points }) => ({
        label: name,
        data: points.map(([seconds, share]) => ({ x: beyond(share), y: seconds })),
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
        // In HdrHistogram's manner: each nine takes as much room, so that a tail is as long as it is bad.
        x: {
          type: 'logarithmic',
          min: 1,
          max: beyond(spec.toShare) * 1.02,
          afterBuildTicks: (axis) => {
            axis.ticks = percentileTicks
              .filter((share) => share <= spec.toShare)
              .map((share) => ({ value: beyond(share) }));
          },
          grid: { color: theme.grid },
          border: { display: false },
          ticks: {
            color: theme.muted,
            font: axisFont,
            autoSkip: false,
            maxRotation: 0,
            callback: (value) => percentileText(Number(value)),
          },
          title: { display: !spec.group, text: 'percentile', color: theme.muted, font: axisFont },
        },
        y: {
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
            callback: (value) => withoutTrailingZeros(formatQuantity(Number(value), 's')),
          },
          title: { display: !spec.group, text: 'latency (logarithmic)', color: theme.muted, font: axisFont },
        },
      },
      plugins: {
        ...common.plugins,
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            title: ([item]) => item?.dataset.label ?? '',
            label: ({ parsed }) =>
              `${percentileText(parsed.x ?? 1)} of samples took ${formatQuantity(parsed.y ?? undefined, 's')} or less`,
          },
        },
      },
    },
    plugins: [surfacePlugin(theme), lineLegend(spec, chartLook)],
  };
}
