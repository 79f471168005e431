import type { ChartConfiguration, Plugin } from 'chart.js';
import {
  commonOptions,
  drawEstimate,
  drawInterval,
  ratioAxis,
  standingColour,
  surfacePlugin,
} from './parts.ts';
import { ratioDomain } from './ratio-ticks.ts';
import type { TradeOffSpec } from './spec.ts';
import type { ChartLook } from './theme.ts';

/** What is paid (right) for what is kept apart (up): networks stand in bands of equal protection. */
export function tradeOffConfig(spec: TradeOffSpec, look: ChartLook): ChartConfiguration {
  const { theme, isNarrow } = look;
  const common = commonOptions(theme);
  const { low, high } = ratioDomain(
    spec.points.flatMap(({ ratio, lowRatio, highRatio }) =>
      [ratio, lowRatio, highRatio].filter((value) => value !== undefined),
    ),
  );
  const placed = place(spec);
  return {
    type: 'scatter',
    data: {
      datasets: [
        {
          label: 'networks',
          data: placed.map(({ point, y }) => ({ x: point.ratio, y })),
          radius: 0,
          hitRadius: 8,
        },
      ],
    },
    options: {
      ...common,
      layout: { padding: { right: labelRoom(spec, isNarrow) } },
      scales: {
        x: ratioAxis(
          low,
          high,
          isNarrow
            ? `against the baseline; ${spec.worseSide} is worse`
            : `against the baseline (logarithmic; ${spec.worseSide} is worse)`,
          theme,
          labelRoom(spec, isNarrow) + 10,
        ),
        y: { type: 'linear', min: 0, max: bandEnds(spec).at(-1) ?? 1, reverse: false, display: false },
      },
      plugins: {
        ...common.plugins,
        tooltip: {
          ...common.plugins?.tooltip,
          callbacks: {
            label: ({ dataIndex }) =>
              placed.slice(dataIndex, dataIndex + 1).map(({ point }) => labelOf(point, false)),
          },
        },
      },
    },
    plugins: [surfacePlugin(theme), bandsPlugin(spec, look)],
  };
}

type Point = TradeOffSpec['points'][number];

/** `macvlan  11.1 Gbit/s, −31 %`; without the figure where there is little room. */
const labelOf = ({ name, figure, change }: Point, isNarrow: boolean): string =>
  isNarrow ? `${name}  ${change}` : `${name}  ${figure}, ${change}`;

/** Pixels that the longest label takes beside its point; on narrow screens labels may stand at either side. */
function labelRoom({ points }: TradeOffSpec, isNarrow: boolean): number {
  const longest = Math.max(0, ...points.map((point) => labelOf(point, isNarrow).length));
  return isNarrow ? 70 : Math.ceil(longest * 7) + 16;
}

/** Upper end of each level's band; a band is as high as it has networks, with a line for its name. */
function bandEnds({ levels, points }: TradeOffSpec): number[] {
  let end = 0;
  return levels.map((_, level) => {
    end += 1.15 + points.filter((point) => point.level === level).length;
    return end;
  });
}

/** Each network's height: within its band, worse ones lower, so that no two labels meet. */
function place(spec: TradeOffSpec): { readonly point: Point; readonly y: number }[] {
  const ends = bandEnds(spec);
  return spec.levels.flatMap((_, level) =>
    spec.points
      .filter((point) => point.level === level)
      .sort((a, b) => (spec.worseSide === 'right' ? a.ratio - b.ratio : b.ratio - a.ratio))
      .map((point, index) => ({ point, y: (ends[level] ?? 0) - 1.35 - index })),
  );
}

function bandsPlugin(spec: TradeOffSpec, { theme, isNarrow }: ChartLook): Plugin {
  const ends = bandEnds(spec);
  return {
    id: 'bands',
    beforeDatasetsDraw: ({ ctx, chartArea, scales }) => {
      const { y } = scales;
      if (!y) return;
      ctx.save();
      ctx.strokeStyle = theme.grid;
      ctx.fillStyle = theme.muted;
      ctx.font = `11px ${theme.font}`;
      ctx.textBaseline = 'top';
      ends.forEach((end, level) => {
        const top = y.getPixelForValue(end);
        ctx.beginPath();
        ctx.moveTo(0, top);
        ctx.lineTo(chartArea.right, top);
        ctx.stroke();
        ctx.fillText(spec.levels[level] ?? '', chartArea.left + 2, top + 5);
      });
      ctx.restore();
    },
    afterDatasetsDraw: ({ ctx, scales, width }) => {
      const { x, y } = scales;
      if (!x || !y) return;
      for (const { point, y: height } of place(spec)) {
        const middle = y.getPixelForValue(height);
        const colour = standingColour(point.standing, theme);
        const at = x.getPixelForValue(point.ratio);
        let right = at + 7;
        let left = at - 7;
        if (point.lowRatio !== undefined && point.highRatio !== undefined) {
          right = Math.max(right, x.getPixelForValue(point.highRatio));
          left = Math.min(left, x.getPixelForValue(point.lowRatio));
          drawInterval(
            ctx,
            x.getPixelForValue(point.lowRatio),
            x.getPixelForValue(point.highRatio),
            middle,
            colour,
          );
        }
        drawEstimate(ctx, at, middle, point.standing, theme);
        ctx.save();
        ctx.font = `12px ${theme.font}`;
        ctx.fillStyle = theme.ink;
        ctx.textBaseline = 'middle';
        // Where there is no room at the right, the name stands at the left.
        const label = labelOf(point, isNarrow);
        const isCut = right + 8 + ctx.measureText(label).width > width;
        ctx.textAlign = isCut ? 'right' : 'left';
        ctx.fillText(label, isCut ? left - 8 : right + 8, middle);
        ctx.restore();
      }
    },
  };
}
