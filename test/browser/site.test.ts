import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSite } from '../../bench/commands/site.ts';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { caught } from '../fixtures/caught.ts';
import { writeGateRun } from '../fixtures/gate-runs.ts';
import { withoutChromium } from './browser.ts';

const why = withoutChromium ? ` (${withoutChromium})` : '';

describe.skipIf(withoutChromium)(`a site in Chromium${why}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tare-site-browser-'));
    await writeGateRun(folder, syntheticRun({ id: 'one', blocks: 6 }));
    await writeGateRun(folder, syntheticRun({ id: 'two', blocks: 6, seed: 2, label: 'another machine' }));
    const runs = [`quick=${join(folder, 'one')}`, join(folder, 'two')];
    await caught((context) => makeSite(runs, { out: join(folder, 'site'), format: 'html,json' }, context));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('opens from disk, leads from a network to its figure and its badge, and asks nothing of any network', async () => {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(join(folder, 'site/index.html')).href);
      expect(await page.locator('#runs tbody tr').count()).toBe(2);
      const row = page.locator('[id="same-host/tcp-rr"] + .scroll tr', { hasText: /^bridge-published/ });
      expect(await row.locator('td').count()).toBe(2);
      await row.locator('a').first().click();
      expect(page.url()).toContain('runs/quick/index.html#same-host/bridge-published/tcp-rr/transactions');
      const figure = page.locator('[id="same-host/bridge-published/tcp-rr/transactions"]');
      expect(await figure.isVisible()).toBe(true);
      const badge = figure.locator('img');
      await badge.scrollIntoViewIfNeeded();
      expect(await badge.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
      await page.locator('a', { hasText: 'All runs' }).click();
      expect(page.url()).toMatch(/site\/index\.html$/);
      // What is too wide for a telephone scrolls in its own place.
      await page.setViewportSize({ width: 390, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(390);
      expect(complaints).toEqual([]);
      expect(requests.every((url) => url.startsWith('file:') || url.startsWith('data:'))).toBe(true);
    } finally {
      await browser.close();
    }
  });
});
