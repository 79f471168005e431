import type { ChartConfiguration } from 'chart.js';
import { formatQuantity, formatShare, withoutTrailingZeros } from '../format.ts';
import { lineLegend } from './line-legend.ts';
import { commonOptions, surfacePlugin } from './parts.ts';
import { decadeTicks } from './ratio-ticks.ts';
import type { DistributionSpec } from './spec.ts';
import { type ChartLook, dashes } from './theme.ts';

/** Cumulative distributions: a line per network, told apart by colour and dash pattern. */
export function distributionConfig(
  spec: DistributionSpec,
  { theme, isNarrow }: ChartLook,
): ChartConfiguration {
  const common = commonOptions(theme);
  const axisFont = { family: theme.font, size: 11 };
  return {
    type: 'line',
    data: {
      datasets: spec.lines.map(({ name, points }, index) => ({
        label: name,
        data: points.map(([x, y]) => ({ x, y })),
        borderColor: theme.series[index % theme.series.length] ?? theme.ink,
        backgroundColor: 'transparent',
        borderDash: [...(dashes[index % dashes.length] ?? [])],
        borderWidth: 2,
        pointRadius: 0,
        pointHitRadius: 8,
      })),
    },
    options: {
      ...common,
      parsing: false,
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
          title: { display: true, text: 'latency (logarithmic)', color: theme.muted, font: axisFont },
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
          title: { display: true, text: 'samples at or below', color: theme.muted, font: axisFont },
        },
      },
      plugins: {
        ...common.plugins,
        legend: lineLegend(theme),
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
    plugins: [surfacePlugin(theme)],
  };
}
