import type { ChartConfiguration, Plugin } from 'chart.js';
import { commonScale, withoutTrailingZeros } from '../format.ts';
import { commonOptions, drawInterval, stackedNames, surfacePlugin } from './parts.ts';
import type { CpuSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

const parts = ['user', 'system', 'softirq'] as const;

/** A stacked bar per network: where the CPU time went, each part with its figure, the sum at the right. */
export function cpuConfig(spec: CpuSpec, look: ChartLook): ChartConfiguration {
  const { theme } = look;
  const common = commonOptions(theme);
  const axisFont = { family: theme.font, size: 11 };
  const format = scaleOf(spec);
  return {
    type: 'bar',
    data: {
      labels: spec.rows.map(({ name }) => name),
      datasets: parts.map((part, index) => ({
        label: part === 'softirq' ? 'interrupts' : part,
        data: spec.rows.map((row) => row[part]),
        backgroundColor: theme.parts[index] ?? theme.ink,
        borderColor: theme.surface,
        borderWidth: 1,
        barPercentage: 0.82,
        categoryPercentage: 0.9,
      })),
    },
    options: {
      ...common,
      indexAxis: 'y',
      layout: { padding: { right: 84 } },
      scales: {
        x: {
          stacked: true,
          min: 0,
          ...(spec.upTo !== undefined && { max: spec.upTo * 1.03 }),
          grid: { color: theme.grid },
          border: { display: false },
          ticks: {
            color: theme.muted,
            font: axisFont,
            maxTicksLimit: look.isNarrow ? 4 : 7,
            maxRotation: 0,
            callback: (value) => (Number(value) === 0 ? '0' : withoutTrailingZeros(format(Number(value)))),
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
          labels: { color: theme.ink, font: { family: theme.font, size: 12 }, boxWidth: 14, boxHeight: 14 },
        },
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            label: ({ dataset, parsed }) => `${dataset.label}: ${format(parsed.x ?? 0)}`,
          },
        },
      },
    },
    plugins: [surfacePlugin(theme), figuresPlugin(spec, look)],
  };
}

function scaleOf(spec: CpuSpec): (value: number) => string {
  return commonScale(spec.upTo ?? cpuUpTo(spec), spec.unit);
}

/** The most that a row of the chart shows, its interval included. */
export function cpuUpTo({ rows }: CpuSpec): number {
  return Math.max(
    0,
    ...rows.map(({ user, system, softirq, high = 0 }) => Math.max(user + system + softirq, high)),
  );
}

/** Writes each part's name where it fits in its segment, and the sum beside the bar. */
function figuresPlugin(spec: CpuSpec, { theme }: ChartLook): Plugin {
  const format = scaleOf(spec);
  return {
    id: 'figures',
    afterDatasetsDraw: ({ ctx, scales }) => {
      const { x, y } = scales;
      if (!x || !y) return;
      ctx.save();
      ctx.textBaseline = 'middle';
      spec.rows.forEach((row, index) => {
        const middle = y.getPixelForValue(index);
        let sum = 0;
        parts.forEach((part, at) => {
          const from = x.getPixelForValue(sum);
          sum += row[part];
          const to = x.getPixelForValue(sum);
          const text = part === 'softirq' ? 'interrupts' : part;
          ctx.font = `11px ${theme.font}`;
          if (ctx.measureText(text).width + 12 > to - from) return;
          ctx.fillStyle = theme.partInk[at] ?? theme.surface;
          ctx.fillText(text, from + 6, middle);
        });
        ctx.font = `bold 12px ${theme.font}`;
        ctx.fillStyle = theme.ink;
        if (row.low !== undefined && row.high !== undefined) {
          drawInterval(
            ctx,
            x.getPixelForValue(row.low),
            x.getPixelForValue(row.high),
            middle,
            theme.ink,
            1.5,
          );
        }
        const right = x.getPixelForValue(Math.max(sum, row.high ?? 0));
        ctx.fillText(format(sum).replace('/transaction', ''), right + 8, middle);
      });
      ctx.restore();
    },
  };
}
