import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { drivers, networks } from '../../drivers/registry.ts';
import { figurePages } from '../../reports/charts/figures.ts';
import { lookCount, lookOf, looksOf } from '../../reports/charts/looks.ts';
import { mostLines } from '../../reports/charts/multiples.ts';
import { darkTheme, lightTheme } from '../../reports/charts/theme.ts';
import { answered } from '../../reports/formats/answered.ts';
import { summarise } from '../../results/summarise.ts';

describe('the looks of networks', () => {
  it('are told from one another without colour', () => {
    for (const theme of [lightTheme, darkTheme]) {
      const looks = [...Array(lookCount).keys()].map((index) => lookOf(index, theme));
      expect(new Set(looks.map(({ dash, marker }) => `${dash.join()} ${marker}`)).size).toBe(lookCount);
    }
  });

  it('differ for all networks that Tare ships, and are the same in each run and with variants beside them', () => {
    const names = drivers.map(({ id }) => id);
    const looksIn = (list: readonly string[]) => {
      const scenarios = list.map((name) => `same-host/${name}`);
      return looksOf(
        summarise(syntheticRun({ blocks: 1, workloads: ['tcp-stream'], scenarios, unsupported: [] })),
      );
    };
    const all = looksIn(names);
    expect(new Set(names.map(all)).size).toBe(names.length);
    const few = looksIn(['host', 'overlay', 'bridge', 'bridge@mtu=1400']);
    for (const name of ['host', 'overlay', 'bridge']) expect(few(name)).toBe(all(name));
    expect(few('bridge@mtu=1400')).not.toBe(few('bridge'));
  });

  it('are never too many for one chart: then each network has a small one, on the same axes', () => {
    const record = syntheticRun({ blocks: 4, workloads: ['rtt'] });
    const page = figurePages(summarise(record), record).find(({ file }) => file === 'latency-cdf.png');
    const charts = (page?.charts ?? []).flatMap((chart) => (chart.kind === 'distribution' ? [chart] : []));
    for (const { lines } of charts) expect(lines.length).toBeLessThanOrEqual(mostLines);
    const small = charts.filter(({ group }) => group?.startsWith('Same host'));
    expect(small).toHaveLength(8);
    expect(new Set(small.map(({ fromSeconds, toSeconds }) => `${fromSeconds} ${toSeconds}`)).size).toBe(1);
    for (const { lines } of small) expect(lines[0]).toMatchObject({ name: 'host', look: 0 });
  });
});

describe('each picture', () => {
  it('stands alone: run, label, certainty, proof, testbed and command are in it', () => {
    const record = syntheticRun({ blocks: 6 });
    const pages = figurePages(summarise(record), record);
    expect(pages.length).toBeGreaterThan(3);
    for (const { footer } of pages) {
      const text = footer.join(' ').replaceAll('\u00a0', ' ');
      for (const words of [
        'synthetic figures for tests',
        '96 % intervals',
        'path proven in',
        'Linux',
        'again: ',
      ])
        expect(text).toContain(words);
    }
  });

  it('of a run of round trips alone speaks of round trips, and so does its advice', () => {
    const record = syntheticRun({ blocks: 6, workloads: ['tcp-rr'] });
    const summary = summarise(record);
    for (const page of figurePages(summary, record)) {
      expect(JSON.stringify(page)).not.toMatch(/[Gg]oodput|tcp-stream/);
    }
    const { advised = [] } = answered({ summary, record, networks, pictures: [] });
    expect(advised.some(({ advice }) => advice.networks.length > 0)).toBe(true);
    expect(advised[0]?.advice.figure?.workload).toBe('tcp-rr');
  });
});
