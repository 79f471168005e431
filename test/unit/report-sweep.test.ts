import { describe, expect, it } from 'vitest';
import { linesConfig } from '../../reports/charts/lines-config.ts';
import { sweepSpecs } from '../../reports/charts/lines-spec.ts';
import { lightTheme } from '../../reports/charts/theme.ts';
import { figure } from '../../reports/html/figures.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { sweepTables } from '../../reports/sweep-table.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { summarise } from '../../results/summarise.ts';
import { metric, okTrial, plan, run } from './results-builders.ts';

const ids = [64, 1024, 131_072].map((size) => `tcp-stream@size=${size}`);
const trials = [0, 1, 2].flatMap((block) =>
  ids.flatMap((workload, chain) =>
    ['same-host/host', 'same-host/bridge', 'same-host/host'].map((scenario, place) => {
      const size = Number(workload.split('=')[1]);
      const goodput = size * 1e5 * (1 + block / 50) * (scenario.endsWith('bridge') ? 0.5 : 1);
      const order = block * 9 + chain * 3 + place;
      return okTrial({ block, chain, order, workload, scenario, metrics: [metric('goodput', goodput)] });
    }),
  ),
);
const workloads = ids.map((id) => ({ id, durationSeconds: 1, omitSeconds: 0 }));
const summary = summarise({ run: run({ plan: plan({ workloads }) }), trials });

describe('a sweep in reports', () => {
  it('is a chart with logarithmic axes, bands, and a tick at each point', () => {
    const [spec] = sweepSpecs(summary);
    expect(spec?.x).toMatchObject({ unit: 'byte', isLogarithmic: true });
    // Three powers of ten between the ends: a linear axis would hide the lower ones.
    expect(spec?.y.isLogarithmic).toBe(true);
    expect(spec?.lines.map(({ name }) => name)).toEqual(['host', 'bridge']);
    for (const { points } of spec?.lines ?? []) {
      expect(points.map(({ x }) => x)).toEqual([64, 1024, 131_072]);
      for (const { y, low, high } of points) {
        expect(low).toBeLessThanOrEqual(y);
        expect(high).toBeGreaterThanOrEqual(y);
      }
    }
    const config = spec && linesConfig(spec, { theme: lightTheme, isNarrow: false });
    expect(config?.data.datasets).toHaveLength(2);
    const axis = config?.options?.scales?.x as unknown as {
      min: number;
      max: number;
      afterBuildTicks(scale: { ticks?: { value: number }[] }): void;
    };
    const scale: { ticks?: { value: number }[] } = {};
    axis.afterBuildTicks(scale);
    expect(scale.ticks?.map(({ value }) => value)).toEqual([64, 1024, 131_072]);
    expect(axis.min).toBeLessThan(64);
    expect(axis.max).toBeGreaterThan(131_072);
  });

  it('is a table behind its chart in the page', () => {
    const [spec] = sweepSpecs(summary);
    const page = (spec && figure('sweep-0', spec))?.text;
    expect(page).toContain('<th scope="row">131,072\u00a0B</th>');
    expect(page).toMatch(/5 Mbit\/s|3\.26\u00a0Mbit\/s/);
  });

  it('is a table of its own in the terminal, and its points are no columns beside other workloads', () => {
    const text = renderTerminal(summary, { columns: 100, colour: false });
    expect(text).toContain('Same host · tcp-stream goodput by bytes of a message');
    expect(text).toMatch(/network +64 +1,024 +131,072/);
    expect(text).toMatch(/bridge +3\.\d+ Mbit\/s −50 %/);
    expect(text).not.toContain('tcp-stream@size=1024 goodput');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('breaks a narrow terminal’s table and loses no point', () => {
    const text = renderTerminal(summary, { columns: 40, colour: false });
    for (const point of ['64', '1,024', '131,072']) expect(text).toMatch(new RegExp(`network.*${point}`));
  });

  it('is a table in Markdown', () => {
    expect(sweepTables(summary)[0]?.workloads).toEqual(ids);
    expect(renderMarkdown(summary)).toContain('| network | 64 | 1,024 | 131,072 |');
  });
});
