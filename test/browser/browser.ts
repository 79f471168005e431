import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executable = '/usr/bin/chromium';

/** Why the browser tests cannot run here; false where they can. */
export const withoutChromium: string | false = existsSync(executable)
  ? false
  : `no ${executable} (apt-get install --no-install-recommends chromium)`;

export interface OpenPage {
  readonly page: Page;
  /** Everything the console said at level error or warning, and uncaught errors. */
  readonly complaints: string[];
  /** Every request but that of the page itself. */
  readonly requests: string[];
}

/** Chromium and a folder for pages, for one test file. */
export class Bench {
  private constructor(
    private readonly browser: Browser,
    private readonly directory: string,
  ) {}

  static async start(): Promise<Bench> {
    const browser = await chromium.launch({
      executablePath: executable,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return new Bench(browser, await mkdtemp(join(tmpdir(), 'tare-browser-')));
  }

  /** Opens a page from disk and waits until its program has run. */
  async open(html: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const path = join(this.directory, `page-${Math.random().toString(36).slice(2)}.html`);
    await writeFile(path, html);
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    const url = pathToFileURL(path).href;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== url) requests.push(request.url());
    });
    await page.goto(url);
    await page.waitForSelector('html[data-ready=true]');
    return { page, complaints, requests };
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Number of different colours among a canvas' pixels: one means that it is blank. */
export async function coloursIn(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate((element) => {
    const canvas = element as unknown as {
      width: number;
      height: number;
      getContext(kind: '2d'): {
        getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
      };
    };
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set<number>();
    for (let at = 0; at < data.length; at += 4) {
      colours.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
    }
    return colours.size;
  });
}
