import type { ChartConfiguration, Plugin } from 'chart.js';
import { formatQuantity } from '../format.ts';
import { commonOptions, stackedNames, surfacePlugin } from './parts.ts';
import { inkOn, partColour } from './path-colours.ts';
import type { PathSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

const whole = (value: number): string => formatQuantity(Math.round(value), 'count');

/** A stacked bar per network: where the instructions of a unit of work go, the sum at the right. */
export function pathConfig(spec: PathSpec, look: ChartLook): ChartConfiguration {
  const { theme } = look;
  const common = commonOptions(theme);
  return {
    type: 'bar',
    data: {
      labels: spec.rows.map(({ name }) => name),
      datasets: spec.parts.map((part, at) => ({
        label: part,
        data: spec.rows.map(({ values }) => values[at] ?? 0),
        backgroundColor: partColour(part),
        borderColor: theme.surface,
        borderWidth: { right: 1 },
        borderSkipped: false,
        barPercentage: 0.86,
        categoryPercentage: 0.92,
      })),
    },
    options: {
      ...common,
      indexAxis: 'y',
      layout: { padding: { right: 66 } },
      scales: {
        x: {
          stacked: true,
          min: 0,
          grid: { color: theme.grid },
          border: { display: false },
          title: {
            display: true,
            text: `instructions a ${spec.unit}, counted`,
            color: theme.muted,
            font: { family: theme.font, size: 11 },
          },
          ticks: {
            color: theme.muted,
            font: { family: theme.font, size: 11 },
            maxTicksLimit: look.isNarrow ? 4 : 8,
            maxRotation: 0,
            callback: (value) => whole(Number(value)),
          },
        },
        y: stackedNames(theme),
      },
      plugins: {
        ...common.plugins,
        legend: {
          display: true,
          position: 'top',
          align: 'start',
          labels: {
            color: theme.ink,
            font: { family: theme.font, size: 11 },
            boxWidth: 12,
            boxHeight: 12,
            padding: 8,
          },
        },
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: { label: ({ dataset, parsed }) => `${dataset.label}: ${whole(parsed.x ?? 0)}` },
        },
      },
    },
    plugins: [surfacePlugin(theme), figuresPlugin(spec, look)],
  };
}

/** Writes each part's name and size where they fit in its segment, and the sum beside the bar. */
function figuresPlugin(spec: PathSpec, { theme }: ChartLook): Plugin {
  return {
    id: 'figures',
    afterDatasetsDraw: ({ ctx, scales }) => {
      const { x, y } = scales;
      if (!x || !y) return;
      ctx.save();
      ctx.textBaseline = 'middle';
      spec.rows.forEach(({ values, total }, index) => {
        const middle = y.getPixelForValue(index);
        let sum = 0;
        values.forEach((value, at) => {
          const part = spec.parts[at] ?? '';
          const from = x.getPixelForValue(sum);
          sum += value;
          const room = x.getPixelForValue(sum) - from - 8;
          ctx.font = `10px ${theme.font}`;
          ctx.fillStyle = inkOn(partColour(part));
          const text = [`${part} ${whole(value)}`, part, whole(value)].find(
            (each) => ctx.measureText(each).width <= room,
          );
          if (text !== undefined) ctx.fillText(text, from + 4, middle);
        });
        ctx.font = `bold 12px ${theme.font}`;
        ctx.fillStyle = theme.ink;
        ctx.fillText(whole(total), x.getPixelForValue(sum) + 8, middle);
      });
      ctx.restore();
    },
  };
}
