import { describe, expect, it } from 'vitest';
import { figurePages } from '../../reports/charts/figures.ts';
import { icicleCells } from '../../reports/charts/icicle-config.ts';
import { inkOn, mixed } from '../../reports/charts/path-colours.ts';
import type { IcicleSpec, PathSpec } from '../../reports/charts/spec.ts';
import { csv } from '../../reports/formats/csv.ts';
import { renderHtml } from '../../reports/html/render.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { renderPng } from '../../reports/png.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { jsonOutput } from '../../results/json-output.ts';
import { summarise } from '../../results/summarise.ts';
import { countedRun } from '../fixtures/counted-runs.ts';
import { gateRun } from '../fixtures/gate-runs.ts';

const record = countedRun({ id: 'counted' });
const pages = figurePages(summarise(record), record);
const path = pages.find(({ file }) => file === 'path.png');
const functions = pages.find(({ file }) => file === 'functions.png');

describe('the pictures of a counted run', () => {
  it('say where a round trip goes, part by part, and that it is counted', () => {
    expect(path?.title).toBe('Where a container’s round trip goes (counted)');
    expect(path?.remarks.join()).toContain('Counted');
    const [spec] = (path?.charts ?? []) as PathSpec[];
    expect(spec?.rows.map(({ name }) => name)).toEqual(['host', 'bridge']);
    for (const { values, total } of spec?.rows ?? []) {
      expect(values.reduce((sum, each) => sum + each, 0)).toBeCloseTo(total, 0);
    }
    const bridge = spec?.rows[1]?.values[spec.parts.indexOf('filter')];
    expect(bridge).toBe(1730 + 1198);
  });

  it('say by which functions a network’s path is longer than the host’s', () => {
    const [spec] = (functions?.charts ?? []) as IcicleSpec[];
    expect(spec).toMatchObject({ name: 'bridge', against: 'host' });
    expect(spec?.difference).toBeCloseTo(56_041 - 38_656, -2);
    const filter = spec?.groups.find(({ name }) => name === 'filter');
    expect(filter).toMatchObject({ value: 2928, difference: 2928 - 632 });
    expect(filter?.functions).toContainEqual({ name: 'nft_do_chain', value: 1730, difference: 1730 });
  });

  it('have cells as high as their instructions, each beside its part', () => {
    const [spec] = (functions?.charts ?? []) as unknown as [IcicleSpec];
    const cells = icicleCells(spec, 800, 1000);
    const column = (depth: number) => cells.filter((cell) => cell.depth === depth);
    for (const depth of [0, 1, 2]) {
      expect(column(depth).reduce((sum, { height }) => sum + height, 0)).toBeCloseTo(1000);
    }
    const chain = cells.find(({ name }) => name === 'nft_do_chain');
    const filter = cells.find(({ name }) => name === 'filter');
    expect(chain?.height).toBeCloseTo((1730 / spec.total) * 1000, 1);
    expect(chain?.top).toBeGreaterThanOrEqual(filter?.top ?? Number.NaN);
  });

  it('are drawn, and stand in the page with a table each', async () => {
    const pictures = await renderPng(summarise(record), record);
    expect(pictures.map(({ file }) => file)).toEqual(expect.arrayContaining(['path.png', 'functions.png']));
    for (const { png } of pictures) expect(png.length).toBeGreaterThan(10_000);
    const page = await renderHtml(summarise(record), record);
    expect(page).toContain('Where a container’s round trip goes');
    expect(page).toContain('<th scope="row">filter</th>');
  });

  it('are none by the wall clock, or without an account of functions', () => {
    for (const other of [gateRun({ id: 'wall', seed: 1 }), countedRun({ id: 'bare', bare: true })]) {
      const files = figurePages(summarise(other), other).map(({ file }) => file);
      expect(files).not.toContain('path.png');
      expect(files).not.toContain('functions.png');
    }
  });

  it('mark every figure in terminal, Markdown, JSON, CSV, page and pictures', async () => {
    const summary = summarise(record);
    const terminal = renderTerminal(summary, { columns: 100, colour: false });
    expect(terminal).toContain('Same host, counted');
    expect(terminal).toContain('tcp-rr transactions (counted)');
    await expect(terminal).toMatchFileSnapshot('../fixtures/golden/counted-run.txt');
    expect(renderMarkdown(summary)).toContain('tcp-rr transactions (counted)');
    expect(jsonOutput(summary)).toMatchObject({ clock: 'counted' });
    const [file] = await csv.make({ summary, record, pictures: [] });
    const [, ...rows] = String(file?.content).trimEnd().split('\r\n');
    for (const row of rows) expect(row).toMatch(/,counted$/);
    for (const page of pages) {
      expect(page.title).toMatch(/\(counted\)$/);
      expect(page.remarks.filter((text) => text.startsWith('Counted:'))).toHaveLength(1);
    }
    expect(await renderHtml(summary, record)).toContain('Same host, counted');
  });

  it('have ink that is read on every colour', () => {
    expect([inkOn('#ffffff'), inkOn('#00563f'), inkOn('#b84a00')]).toEqual(['#16191c', '#ffffff', '#ffffff']);
    expect([mixed('#000000', '#ffffff', 0), mixed('#000000', '#ffffff', 2)]).toEqual(['#000000', '#ffffff']);
  });
});
