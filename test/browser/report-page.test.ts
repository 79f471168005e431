import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costsByScenario } from '../../bench/studies/synthetic/model.ts';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { networks } from '../../drivers/registry.ts';
import { adviceSection } from '../../reports/html/advice.ts';
import { claimsSection } from '../../reports/html/claims.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { renderHistoryHtml } from '../../reports/html/history.ts';
import { renderHtml } from '../../reports/html/render.ts';
import { advise } from '../../results/advice.ts';
import { readyNeeds } from '../../results/advice-needs.ts';
import { claimRows } from '../../results/claims.ts';
import { evidenceOf, notTested } from '../../results/evidence.ts';
import { gateStored } from '../../results/gate.ts';
import { history } from '../../results/history.ts';
import { summarise } from '../../results/summarise.ts';
import { Bench, coloursIn, withoutChromium } from './browser.ts';

const why = withoutChromium ? ` (${withoutChromium})` : '';
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function html(options: SyntheticOptions = {}): Promise<string> {
  const record = syntheticRun({
    blocks: 6,
    scenarios: Object.keys(costsByScenario),
    unsupported: ['cross-host/ipvlan-l2'],
    failedShare: 0.01,
    invalidShare: 0.01,
    ...options,
  });
  const summary = summarise(record);
  // Long words without a break, and markup, as an engine's messages may hold.
  const observed = `Seen in clear on ${'tare-'.repeat(40)} <img src=x onerror=alert(1)>.`;
  const rows = claimRows(summary, [
    evidenceOf(2, [{ text: observed, agrees: true }]),
    evidenceOf(11, [{ text: 'Encrypts nothing.', agrees: false }]),
    notTested(10, observed),
  ]);
  const advised = readyNeeds.map(({ title, needs }) => ({
    title,
    advice: advise(summary, needs, 'throughput', networks),
  }));
  return renderHtml(summary, record, { sections: [adviceSection(advised), claimsSection(rows)] });
}

describe.skipIf(withoutChromium)(`the report page in Chromium${why}`, () => {
  let bench: Bench;
  let report: string;
  beforeAll(async () => {
    bench = await Bench.start();
    report = await html();
  });
  afterAll(async () => {
    await bench?.stop();
  });

  it('opens from disk without complaint and without a request, and draws its charts', async () => {
    const { page, complaints, requests } = await bench.open(report);
    for (const topology of ['cross-host', 'same-host']) {
      expect(await coloursIn(page, `[data-panel=${topology}] canvas`)).toBeGreaterThan(10);
    }
    await page.locator('canvas[data-chart="latency-cdf-0"]').scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
    expect(await coloursIn(page, 'canvas[data-chart="latency-cdf-0"]')).toBeGreaterThan(10);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    await page.context().close();
  });

  it('switches between metrics, by button, by list and by keyboard', async () => {
    const { page } = await bench.open(report);
    const figures = page.locator('[data-panel=cross-host] tbody tr:nth-child(3) td:nth-child(3)');
    const goodput = await figures.textContent();
    expect(goodput).toMatch(/^[+−]\d+(\.\d)?\u00a0% \[/);
    await page.getByRole('button', { name: 'RTT p50' }).click();
    const latency = await figures.textContent();
    expect(latency).not.toBe(goodput);
    expect(await page.getByRole('button', { name: 'RTT p50' }).getAttribute('aria-pressed')).toBe('true');
    await page.locator('#other-metric').selectOption('udp-rr/transactions');
    expect(await page.locator('#panels-status').textContent()).toContain('udp-rr transactions');
    await page.getByRole('button', { name: 'Throughput' }).focus();
    await page.keyboard.press('Enter');
    expect(await figures.textContent()).toBe(goodput);
    await page.context().close();
  });

  it('shows only the networks that the filter names, and the baseline', async () => {
    const { page } = await bench.open(report);
    await page.locator('#filter').fill('overlay');
    const names = await page.locator('[data-panel=cross-host] tbody th').allTextContents();
    expect(names).toEqual(['host', 'overlay', 'overlay-encrypted']);
    await page.context().close();
  });

  it('tells block, order and witness of a trial under the pointer', async () => {
    const { page } = await bench.open(report);
    const canvas = page.locator('[data-panel=cross-host] canvas');
    const box = await canvas.boundingBox();
    if (!box) throw new Error('no canvas');
    const before = await coloursIn(page, '[data-panel=cross-host] canvas');
    let changed = false;
    // Somewhere along the second row there is a dot.
    for (let x = box.x + 100; x < box.x + box.width - 160 && !changed; x += 3) {
      for (const dy of [-8, -4, 0, 4, 8]) {
        await page.mouse.move(x, box.y + box.height * 0.31 + dy);
        if ((await coloursIn(page, '[data-panel=cross-host] canvas')) !== before) changed = true;
        if (changed) break;
      }
    }
    expect(changed).toBe(true);
    await page.context().close();
  });

  it('goes dark by the system and by the button', async () => {
    const { page } = await bench.open(report, { colorScheme: 'dark' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await background()).toBe('rgb(18, 21, 23)');
    await page.getByRole('button', { name: 'Light' }).click();
    expect(await background()).toBe('rgb(246, 246, 243)');
    await page.context().close();
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await bench.open(report, { viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.waitForTimeout(300);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.context().close();
  });

  it('prints what matters on six sheets at most', async () => {
    const { page } = await bench.open(report);
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
    expect(pdf.match(/\/Type ?\/Page\b/g)?.length).toBeLessThanOrEqual(6);
    await page.context().close();
  });

  it('downloads JSON and CSV that stand in the page', async () => {
    const { page, requests } = await bench.open(report);
    const [json] = await Promise.all([page.waitForEvent('download'), page.locator('#download-json').click()]);
    expect(json.suggestedFilename()).toBe('tare-20260801-123000-synthetic.json');
    expect(JSON.parse(await readFile(await json.path(), 'utf8')).scenarios.length).toBeGreaterThan(10);
    const [csv] = await Promise.all([page.waitForEvent('download'), page.locator('#download-csv').click()]);
    const lines = (await readFile(await csv.path(), 'utf8')).split('\r\n');
    expect(lines[0]).toMatch(/^run,block,order,/);
    expect(lines.length).toBeGreaterThan(1000);
    expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([]);
    await page.context().close();
  });

  it('opens the section that a link names', async () => {
    const { page } = await bench.open(report);
    await page.evaluate('location.hash = "#cross-host/overlay"');
    await page.waitForTimeout(200);
    expect(await page.locator('details.network[open]').count()).toBe(1);
    const path = page.locator('details.network[open] .path');
    expect(await path.textContent()).toContain('vxlan');
    await page.context().close();
  });

  it('puts up with an address that names nothing', async () => {
    const { page, complaints } = await bench.open(report);
    for (const hash of ['#%', '#%E0%A4', '#nothing', '#'])
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.waitForTimeout(200);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('tells the guide’s claims in words, with their evidence folded, and advises', async () => {
    const { page, complaints } = await bench.open(report);
    const rows = page.locator('table.claims tbody tr');
    expect(await rows.count()).toBe(19);
    const verdicts = await page.locator('table.claims td.verdict').allTextContents();
    expect(verdicts[1]).toBe('✓ confirmed');
    expect(verdicts[10]).toBe('✗ refuted');
    expect(verdicts[11]).toBe('– not tested here');
    const finding = rows.nth(1).locator('li');
    expect(await finding.isVisible()).toBe(false);
    await rows.nth(1).locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await finding.textContent()).toContain('<img src=x onerror=alert(1)>');
    const boxes = page.locator('#advice .panel');
    expect(await boxes.count()).toBe(readyNeeds.length);
    const costs = boxes.filter({ hasText: 'Containers of several hosts, encrypted' }).locator('ol li');
    expect(await costs.first().textContent()).toContain('cross-host/overlay-encrypted');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)(
    'has no serious accessibility violation when %s',
    async (colorScheme) => {
      const { page } = await bench.open(report, { colorScheme });
      // One network of each topology: the others are built alike, and all of them take minutes to walk.
      for (const id of ['cross-host/overlay', 'same-host/bridge', 'cross-host/ipvlan-l2']) {
        await page.locator(`details[id="${id}"] > summary`).click();
      }
      for (const at of [1, 9]) await page.locator('table.claims tbody tr').nth(at).locator('summary').click();
      expect(await seriousViolations(page)).toEqual([]);
      await page.context().close();
    },
  );

  it('shows a comparison and a history, accessible and without complaint', async () => {
    const runs = [1, 2, 3].map((seed) =>
      summarise(
        syntheticRun({
          seed,
          id: `run-${seed}`,
          blocks: 6,
          workloads: ['tcp-stream'],
          slowdowns: { 'cross-host/overlay': seed },
        }),
      ),
    );
    const [first, , last] = runs;
    if (!first || !last) throw new Error('no runs');
    for (const text of [
      await renderComparisonHtml(gateStored(first, last), 'tare gate --baseline run-1'),
      await renderHistoryHtml(history(runs)),
    ]) {
      const { page, complaints, requests } = await bench.open(text, {
        viewport: { width: 390, height: 844 },
      });
      const section = page.locator('details.network > summary').first();
      if ((await section.count()) > 0) await section.click();
      await page.locator('canvas').first().scrollIntoViewIfNeeded();
      await page.waitForTimeout(300);
      expect(await coloursIn(page, 'canvas >> nth=0')).toBeGreaterThan(5);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(await seriousViolations(page)).toEqual([]);
      expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
      await page.context().close();
    }
  });

  it.each([
    ['empty', { scenarios: [], unsupported: [] }],
    ['all invalid', { invalidShare: 1 }],
    ['all failed', { failedShare: 1 }],
    ['of one scenario', { scenarios: ['cross-host/overlay'], unsupported: [] }],
    ['without histograms', { withHistograms: false }],
    ['hostile', { label: '</script><script>document.title = "owned"</script><img src=x onerror=alert(1)>' }],
  ] as const)('shows a run that is %s without complaint', async (_, options) => {
    const { page, complaints, requests } = await bench.open(await html(options));
    expect(complaints).toEqual([]);
    expect(requests).toEqual([]);
    expect(await page.title()).not.toBe('owned');
    expect(await page.locator('h1').textContent()).toBe('What each container network costs');
    await page.context().close();
  });
});

async function seriousViolations(page: Page): Promise<unknown[]> {
  await page.evaluate(axeSource);
  const violations = (await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, first: nodes[0].html })))',
  )) as { impact: string }[];
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
