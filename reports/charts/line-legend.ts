import type { Chart, LegendItem } from 'chart.js';
import { dashes, type Theme } from './theme.ts';

/** A legend under a chart of lines, each shown with its own colour and dash pattern. */
export function lineLegend(theme: Theme) {
  return {
    display: true,
    position: 'bottom' as const,
    labels: {
      color: theme.ink,
      font: { family: theme.font, size: 12 },
      usePointStyle: true,
      pointStyle: 'line' as const,
      pointStyleWidth: 34,
      generateLabels: (chart: Chart): LegendItem[] =>
        chart.data.datasets.map((dataset, datasetIndex) => ({
          text: dataset.label ?? '',
          datasetIndex,
          fontColor: theme.ink,
          strokeStyle: theme.series[datasetIndex % theme.series.length] ?? theme.ink,
          lineWidth: 2,
          lineDash: [...(dashes[datasetIndex % dashes.length] ?? [])],
          pointStyle: 'line' as const,
          hidden: !chart.isDatasetVisible(datasetIndex),
        })),
    },
  };
}
