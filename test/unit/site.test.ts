import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSite } from '../../bench/commands/site.ts';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { jsonDocuments } from '../../results/json-schema.ts';
import { caught } from '../fixtures/caught.ts';
import { countedRun } from '../fixtures/counted-runs.ts';
import { liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

let folder: string;
let site: string;
const hostile = 'odd <img src=x onerror=alert(1)>\u001b[2J';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-site-'));
  site = join(folder, 'site');
  await writeGateRun(
    folder,
    syntheticRun({ id: 'one', blocks: 6, scenarios: ['same-host/host', 'same-host/bridge'] }),
  );
  await writeGateRun(folder, syntheticRun({ id: 'Two.Runs', blocks: 6, seed: 2, label: hostile }));
  await writeGateRun(folder, countedRun({ id: 'counted' }));
  await writeGateRun(folder, liveGateRun({ id: 'live', seed: 3, blocks: 6 }));
});
afterAll(() => rm(folder, { recursive: true }));

const made = (runs: readonly string[], out = site, json = true) =>
  caught((context) => makeSite(runs, { out, json, format: 'html,md,json' }, context));
const at = (id: string) => join(folder, id);

async function pages(): Promise<[string, string][]> {
  const names = await readdir(site, { recursive: true });
  const html = names.filter((name) => name.endsWith('index.html'));
  return Promise.all(
    html.map(async (name) => [name, await readFile(join(site, name), 'utf8')] as [string, string]),
  );
}

describe('tare site', () => {
  it('makes a site of files alone, in which each link leads somewhere', async () => {
    const { code, out } = await made([at('one'), at('Two.Runs'), `kernel=${at('counted')}`, at('live')]);
    expect(code).toBe(0);
    const document = jsonDocuments.site.parse(JSON.parse(out));
    expect(document).toEqual(JSON.parse(await readFile(join(site, 'site.json'), 'utf8')));
    expect(document.runs.map(({ name, clock }) => [name, clock])).toEqual([
      ['one', 'wall clock'],
      ['two-runs', 'wall clock'],
      ['kernel', 'counted'],
      ['live', 'wall clock'],
    ]);
    const found = await pages();
    expect(found.map(([name]) => name).sort()).toEqual([
      'index.html',
      ...['kernel', 'live', 'one', 'two-runs'].map((name) => `runs/${name}/index.html`),
    ]);
    const texts = new Map(found);
    for (const [name, text] of found) {
      expect(text).not.toContain('<script');
      for (const [, link = ''] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
        if (link === 'data:,') continue;
        expect(link).not.toMatch(/^[a-z]+:|^\//);
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? name : join(dirname(name), file);
        expect(existsSync(join(site, target)), `${name}: ${link}`).toBe(true);
        if (anchor !== undefined) expect(texts.get(target), `${name}: ${link}`).toContain(`id="${anchor}"`);
      }
    }
    for (const { figures } of document.runs) {
      for (const { link, badge } of figures) {
        const [file = '', anchor = ''] = link.split('#');
        expect(texts.get(file)).toContain(`id="${anchor}"`);
        if (badge !== undefined) expect(existsSync(join(site, badge))).toBe(true);
      }
    }
  });

  it('keeps links as they were where a newer run takes a name', async () => {
    const out = join(folder, 'again');
    const links = async (run: string) => {
      const document = jsonDocuments.site.parse(JSON.parse((await made([`now=${at(run)}`], out)).out));
      return document.runs[0]?.figures.map(({ link, badge }) => [link, badge]) ?? [];
    };
    const before = await links('one');
    const after = await links('Two.Runs');
    expect(before.length).toBeGreaterThan(10);
    for (const each of before) expect(after).toContainEqual(each);
    expect(before).toContainEqual([
      'runs/now/index.html#same-host/bridge/tcp-rr/transactions',
      'runs/now/badges/same-host-bridge-tcp-rr.svg',
    ]);
  });

  it('badges say in words what they show, counted figures as such', async () => {
    const svg = await readFile(join(site, 'runs/one/badges/same-host-bridge-tcp-rr.svg'), 'utf8');
    expect(svg).toMatch(
      /<title>bridge: tcp-rr overhead: [−+][\d.]+\s% \[.*\], (worse|better|no difference shown)<\/title>/,
    );
    const badges = await readdir(join(site, 'runs/kernel/badges'));
    const counted = await readFile(join(site, 'runs/kernel/badges', badges[0] ?? ''), 'utf8');
    expect(counted).toContain('overhead, counted');
  });

  it('lets nobody’s text be markup, or reach a terminal', async () => {
    const { out } = await made([at('Two.Runs')], join(folder, 'odd'), false);
    expect(out).not.toContain('\u001b');
    for (const [, text] of await pages()) {
      expect(text).not.toContain('<img src=x');
      expect(text).not.toContain('\u001b');
    }
  });

  it('refuses a folder that holds something else, and names twice', async () => {
    const full = join(folder, 'full');
    await mkdir(full);
    await writeFile(join(full, 'thesis.txt'), '');
    await expect(made([at('one')], full)).rejects.toThrow(/holds other files than a site’s/);
    expect(await readdir(full)).toEqual(['thesis.txt']);
    await expect(made([at('one'), at('one')])).rejects.toThrow(/two runs would have the name “one”/);
    await expect(made([at('one')], join(full, 'thesis.txt'))).rejects.toThrow(/not a directory/);
  });
});
