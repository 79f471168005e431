import type { Canvas, CanvasRenderingContext2D as NodeContext } from 'canvas';
import { Failure } from '../results/failure.ts';
import type { RunRecord } from '../results/schema.ts';
import type { RunSummary } from '../results/summary.ts';
import type { Answer } from './answers.ts';
import { Chart, chartConfig } from './charts/config.ts';
import type { FigurePage } from './charts/figure-page.ts';
import { figurePages } from './charts/figures.ts';
import { chartHeight } from './charts/height.ts';
import { chartGroups } from './charts/multiples.ts';
import type { ChartSpec } from './charts/spec.ts';
import { lightTheme } from './charts/theme.ts';
import { checkFonts } from './fonts.ts';
import { plainStrings } from './text.ts';

/** CSS pixels of a picture's width: what a pull request shows. */
const widthPixels = 880;
const margin = 28;
/** Two device pixels for each: sharp on the screens that people have. */
const scale = 2;

export interface Picture {
  /** `overhead.png`. */
  readonly file: string;
  readonly alt: string;
  readonly png: Buffer;
}

type CreateCanvas = (width: number, height: number) => Canvas;

/**
 * The charts of a run as PNG pictures, drawn by Chart.js on node-canvas.
 * @throws Failure where canvas is not installed or no font has the characters
 */
export async function renderPng(summary: RunSummary, record: RunRecord): Promise<Picture[]> {
  const createCanvas = await loadCanvas();
  checkFonts(createCanvas, lightTheme.font);
  return plainStrings(figurePages(summary, record)).map((page) => ({
    file: page.file,
    alt: page.alt,
    png: drawPage(page, createCanvas),
  }));
}

async function loadCanvas(): Promise<CreateCanvas> {
  try {
    return (await import('canvas')).createCanvas;
  } catch (error) {
    throw new Failure(
      'infrastructure',
      'PNG charts need the package canvas, which is not installed or does not load on this machine.',
      'Install its libraries (apt-get install libcairo2-dev libpango1.0-dev libjpeg-dev libgif-dev librsvg2-dev ' +
        'pkg-config) and run npm rebuild canvas, or leave png out of --format.',
      { cause: error },
    );
  }
}

/** Title, answers, charts below one another, footer: a picture that stands alone. */
function drawPage(page: FigurePage, createCanvas: CreateCanvas): Buffer {
  const measure = createCanvas(1, 1).getContext('2d');
  const head = [
    ...textBlock(measure, page.title, styles.title, 0),
    ...page.answers.flatMap((answer) => answerBlock(measure, answer)),
    ...page.remarks.flatMap((text) => textBlock(measure, text, styles.detail, 0)),
  ];
  const foot = page.footer.flatMap((text) => textBlock(measure, text, styles.footer, 0));
  const rows = chartRows(page.charts);
  const chartsHeight = rows.reduce((sum, row) => sum + rowHeight(row), 0);
  const height = 2 * margin + blockHeight(head) + 14 + chartsHeight + blockHeight(foot);

  const canvas = createCanvas(widthPixels * scale, height * scale);
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  context.fillStyle = lightTheme.surface;
  context.fillRect(0, 0, widthPixels, height);
  let top = write(context, head, margin) + 14;
  for (const row of rows) {
    const start = row.heading === undefined ? top : write(context, [line(row.heading, 'subtitle')], top);
    row.specs.forEach((spec, column) => {
      const left = column * (row.width + gutter);
      const chartTop = write(context, [line(spec.title, row.isSmall ? 'answer' : 'subtitle', left)], start);
      const high = chartHeight(spec, row.isSmall);
      const drawn = drawChart(spec, { width: row.width, height: high, isNarrow: row.isSmall }, createCanvas);
      context.drawImage(drawn, margin + left, chartTop, row.width, high);
    });
    top += rowHeight(row);
  }
  write(context, foot, top);
  return canvas.toBuffer('image/png', { compressionLevel: 6 });
}

const inner = widthPixels - 2 * margin;
const gutter = 18;
/** Small charts beside one another. */
const smallOnes = 4;

/** Charts beside one another: one alone, or some small ones of a group. */
interface ChartRow {
  readonly specs: readonly ChartSpec[];
  /** What the small ones are of; above the first row of them. */
  readonly heading?: string;
  readonly width: number;
  readonly isSmall: boolean;
}

function chartRows(specs: readonly ChartSpec[]): ChartRow[] {
  return chartGroups(specs).flatMap(({ group, charts }): ChartRow[] => {
    const own = charts.map(({ spec }) => spec);
    if (group === undefined) return own.map((spec) => ({ specs: [spec], width: inner, isSmall: false }));
    const width = Math.floor((inner - (smallOnes - 1) * gutter) / smallOnes);
    const rows: ChartRow[] = [];
    for (let at = 0; at < own.length; at += smallOnes) {
      const heading = at === 0 ? { heading: group } : {};
      rows.push({ specs: own.slice(at, at + smallOnes), ...heading, width, isSmall: true });
    }
    return rows;
  });
}

function rowHeight({ specs, heading, isSmall }: ChartRow): number {
  const title = isSmall ? styles.answer.lineHeight : styles.subtitle.lineHeight;
  const above = heading === undefined ? 0 : styles.subtitle.lineHeight;
  return above + title + Math.max(...specs.map((spec) => chartHeight(spec, isSmall))) + 14;
}

/** One line that is not broken; what is too long for its place runs on. */
const line = (text: string, style: keyof typeof styles, left = 0): Line => ({
  text,
  style: styles[style],
  left,
  advance: styles[style].lineHeight,
});

interface TextStyle {
  readonly font: string;
  readonly colour: string;
  readonly lineHeight: number;
}
const { ink, muted, font } = lightTheme;
const styles = {
  title: { font: `bold 20px ${font}`, colour: ink, lineHeight: 34 },
  subtitle: { font: `bold 14px ${font}`, colour: ink, lineHeight: 26 },
  label: { font: `12px ${font}`, colour: muted, lineHeight: 20 },
  answer: { font: `bold 13px ${font}`, colour: ink, lineHeight: 20 },
  detail: { font: `12px ${font}`, colour: muted, lineHeight: 18 },
  footer: { font: `11px ${font}`, colour: muted, lineHeight: 17 },
} as const satisfies Record<string, TextStyle>;

/** A line of text; the next one starts `advance` pixels below it. */
interface Line {
  readonly text: string;
  readonly style: TextStyle;
  readonly left: number;
  readonly advance: number;
}

function textBlock(measure: NodeContext, text: string, style: TextStyle, left: number): Line[] {
  return breakLines(measure, text, style.font, inner - left).map((line) => ({
    text: line,
    style,
    left,
    advance: style.lineHeight,
  }));
}

/** The question on the left; the answer and, under it, its detail on the right. */
function answerBlock(measure: NodeContext, { question, answer, detail }: Answer): Line[] {
  const left = 232;
  const asked = breakLines(measure, question, styles.label.font, left - 12);
  const answered = [
    ...textBlock(measure, answer, styles.answer, left),
    ...textBlock(measure, detail, styles.detail, left),
  ];
  const height = asked.length * styles.label.lineHeight;
  const gap = (advance: number): Line => ({ text: '', style: styles.label, left: 0, advance });
  return [
    ...asked.map((text) => ({ text, style: styles.label, left: 0, advance: styles.label.lineHeight })),
    // Beside the question, not below it.
    gap(-height),
    ...answered,
    gap(Math.max(0, height - blockHeight(answered)) + 6),
  ];
}

const blockHeight = (lines: readonly Line[]) => lines.reduce((sum, { advance }) => sum + advance, 0);

/** Writes lines from `top` down. @returns where the next thing may start */
function write(context: NodeContext, lines: readonly Line[], top: number): number {
  let at = top;
  context.textBaseline = 'top';
  for (const { text, style, left, advance } of lines) {
    context.font = style.font;
    context.fillStyle = style.colour;
    if (text !== '') context.fillText(text, margin + left, at);
    at += advance;
  }
  return at;
}

function drawChart(
  spec: ChartSpec,
  { width, height, isNarrow }: { width: number; height: number; isNarrow: boolean },
  createCanvas: CreateCanvas,
): Canvas {
  const canvas = createCanvas(width, height);
  const config = chartConfig(spec, { theme: lightTheme, isNarrow });
  const chart = new Chart(canvas as unknown as HTMLCanvasElement, {
    ...config,
    options: { ...config.options, responsive: false, devicePixelRatio: scale, events: [] },
  });
  chart.draw();
  return canvas;
}

function breakLines(context: NodeContext, text: string, font: string, room: number): string[] {
  context.font = font;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (line !== '' && context.measureText(joined).width > room) {
      lines.push(line);
      line = word;
    } else {
      line = joined;
    }
  }
  return line === '' ? lines : [...lines, line];
}
