/// <reference lib="dom" />
import { Chart, chartConfig } from '../../charts/config.ts';
import { chartHeight } from '../../charts/height.ts';
import type { ChartSpec } from '../../charts/spec.ts';
import { currentTheme } from './theme-toggle.ts';

/** Below this width texts and plots stand above one another. */
const narrowPixels = 620;

const drawn = new Map<HTMLCanvasElement, Chart>();

/** Draws a chart into a canvas, or draws it anew. */
export function draw(canvas: HTMLCanvasElement, spec: ChartSpec): void {
  drawn.get(canvas)?.destroy();
  const frame = canvas.parentElement;
  const isNarrow = (frame?.clientWidth ?? 800) < narrowPixels;
  if (frame) frame.style.height = `${chartHeight(spec, isNarrow)}px`;
  drawn.set(canvas, new Chart(canvas, chartConfig(spec, { theme: currentTheme(), isNarrow })));
}

/** Draws each canvas with a `data-chart` when it comes into view: a page of many sections opens at once. */
export function drawWhenSeen(specs: Readonly<Record<string, ChartSpec>>): { redraw(): void } {
  const canvases = [...document.querySelectorAll<HTMLCanvasElement>('canvas[data-chart]')];
  const seen = new Set<HTMLCanvasElement>();
  const drawOne = (canvas: HTMLCanvasElement) => {
    const spec = specs[canvas.dataset.chart ?? ''];
    if (!spec) return;
    seen.add(canvas);
    draw(canvas, spec);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        const canvas = target.querySelector<HTMLCanvasElement>('canvas[data-chart]');
        if (canvas) drawOne(canvas);
      }
    },
    { rootMargin: '200px' },
  );
  for (const canvas of canvases) if (canvas.parentElement) observer.observe(canvas.parentElement);
  window.addEventListener('beforeprint', () => {
    for (const canvas of canvases) if (!seen.has(canvas)) drawOne(canvas);
  });
  return {
    redraw: () => {
      for (const canvas of seen) drawOne(canvas);
    },
  };
}
