import type { ChartOptions, Plugin } from 'chart.js';
import { ratioLabel, ratioTicks } from './ratio-ticks.ts';
import type { Standing } from './spec.ts';
import type { Theme } from './theme.ts';

/** The axis with a name for each stacked bar. */
export const stackedNames = (theme: Theme) =>
  ({
    stacked: true,
    grid: { display: false },
    border: { display: false },
    ticks: {
      color: theme.ink,
      font: { family: theme.font, size: 12 },
      autoSkip: false,
      crossAlign: 'far',
    },
  }) as const;

/** What all charts have in common. */
export function commonOptions(theme: Theme): ChartOptions {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    color: theme.ink,
    font: { family: theme.font, size: 12 },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: theme.ink,
        titleColor: theme.surface,
        bodyColor: theme.surface,
        titleFont: { family: theme.font, size: 12 },
        bodyFont: { family: theme.font, size: 12 },
        displayColors: false,
        padding: 10,
      },
    },
  };
}

/**
 * A logarithmic axis of figures against the baseline's.
 * @param textPixels about what texts at the left and right take of the chart's width
 */
export function ratioAxis(low: number, high: number, title: string, theme: Theme, textPixels: number) {
  return {
    type: 'logarithmic' as const,
    min: low,
    max: high,
    afterBuildTicks: (axis: { ticks: { value: number }[]; chart: { width: number } }) => {
      const plotPixels = Math.max(80, axis.chart.width - textPixels);
      axis.ticks = ratioTicks(low, high, Math.min(0.4, 58 / plotPixels)).map((value) => ({ value }));
    },
    grid: { color: theme.grid, tickColor: theme.grid },
    border: { display: false },
    ticks: {
      color: theme.muted,
      font: { family: theme.font, size: 11 },
      maxRotation: 0,
      autoSkip: false,
      callback: (value: string | number) => ratioLabel(Number(value)),
    },
    title: { display: true, text: title, color: theme.muted, font: { family: theme.font, size: 11 } },
  };
}

/** A vertical axis with one named row per whole number from 0, top to bottom. */
export function rowAxis(names: readonly string[], theme: Theme, boldRow?: number) {
  return {
    type: 'linear' as const,
    min: -0.6,
    max: names.length - 0.4,
    reverse: true,
    afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
      axis.ticks = names.map((_, value) => ({ value }));
    },
    grid: { display: false },
    border: { display: false },
    ticks: {
      color: theme.ink,
      autoSkip: false,
      crossAlign: 'far' as const,
      font: (context: { index: number }) => ({
        family: theme.font,
        size: 12,
        weight: (context.index === boldRow ? 'bold' : 'normal') as 'bold' | 'normal',
      }),
      callback: (value: string | number) => names[Number(value)] ?? '',
    },
  };
}

export function standingColour(standing: Standing, theme: Theme): string {
  switch (standing) {
    case 'worse':
      return theme.worse;
    case 'better':
      return theme.better;
    case 'baseline':
      return theme.ink;
    case 'unsure':
    case 'few':
    case 'none':
      return theme.unsure;
  }
}

/** Fills the canvas first: without it a PNG is transparent and unreadable on a dark page. */
export function surfacePlugin(theme: Theme): Plugin {
  return {
    id: 'surface',
    beforeDraw: ({ ctx, width, height }) => {
      ctx.save();
      ctx.fillStyle = theme.surface;
      ctx.fillRect(0, 0, width, height);
      ctx.restore();
    },
  };
}

/** A horizontal interval with end caps at canvas coordinates. */
export function drawInterval(
  ctx: CanvasRenderingContext2D,
  from: number,
  to: number,
  y: number,
  colour: string,
  lineWidth = 2.5,
): void {
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = lineWidth;
  ctx.beginPath();
  ctx.moveTo(from, y);
  ctx.lineTo(to, y);
  for (const end of [from, to]) {
    ctx.moveTo(end, y - 5);
    ctx.lineTo(end, y + 5);
  }
  ctx.stroke();
  ctx.restore();
}

/** A diamond for what is sure, a ring for what is not: readable without colour. */
export function drawEstimate(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  standing: Standing,
  theme: Theme,
): void {
  ctx.save();
  const isOpen = standing === 'unsure' || standing === 'few';
  ctx.fillStyle = isOpen ? theme.surface : standingColour(standing, theme);
  ctx.strokeStyle = standingColour(standing, theme);
  ctx.lineWidth = 2;
  ctx.beginPath();
  if (isOpen) {
    ctx.arc(x, y, 5, 0, 2 * Math.PI);
  } else if (standing === 'baseline') {
    ctx.rect(x - 4.5, y - 4.5, 9, 9);
  } else {
    ctx.moveTo(x, y - 7);
    ctx.lineTo(x + 6, y);
    ctx.lineTo(x, y + 7);
    ctx.lineTo(x - 6, y);
    ctx.closePath();
  }
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}
