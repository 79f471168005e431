import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatsFrom } from '../../bench/commands/present.ts';
import { report } from '../../bench/commands/report.ts';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { checkFonts } from '../../reports/fonts.ts';
import { writeReport } from '../../reports/write-report.ts';
import { Failure } from '../../results/failure.ts';
import { summarise } from '../../results/summarise.ts';
import { caught } from '../fixtures/caught.ts';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tare-report-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const canvas = await import('canvas').then(
  (module) => module,
  () => undefined,
);
const withoutCanvas = canvas ? false : 'the optional package canvas is not built on this machine';

describe('writing a report', () => {
  it('writes what is asked for and nothing else', async () => {
    const record = syntheticRun({ blocks: 2 });
    const { files, skipped } = await writeReport(
      summarise(record),
      record,
      formatsFrom('html,md,csv,json'),
      directory,
    );
    expect(skipped).toEqual([]);
    expect((await readdir(directory)).sort()).toEqual([
      'report.csv',
      'report.html',
      'report.json',
      'report.md',
    ]);
    expect(files).toHaveLength(4);
    const json = JSON.parse(await readFile(join(directory, 'report.json'), 'utf8'));
    expect(json.run).toBe(record.run.id);
  });

  it('says which folder cannot be written', async () => {
    const record = syntheticRun({ blocks: 1 });
    const file = join(directory, 'file');
    await writeFile(file, '');
    const attempt = writeReport(summarise(record), record, formatsFrom('json'), join(file, 'below'));
    await expect(attempt).rejects.toThrow(Failure);
    await expect(attempt).rejects.toThrow(/could not be written/);
  });

  it.skipIf(withoutCanvas)(
    `draws pictures twice as wide as they are shown${withoutCanvas ? ` (${withoutCanvas})` : ''}`,
    async () => {
      const record = syntheticRun({ blocks: 3 });
      const { files } = await writeReport(summarise(record), record, formatsFrom('png,md'), directory);
      const names = (await readdir(directory)).filter((name) => name.endsWith('.png')).sort();
      expect(names).toEqual(['cpu-per-gb.png', 'latency-cdf.png', 'overhead.png', 'trade-off.png']);
      expect(files).toHaveLength(5);
      for (const name of names) {
        const image = await canvas?.loadImage(join(directory, name));
        expect(image?.width).toBe(1760);
        expect(await inkShare(join(directory, name))).toBeGreaterThan(0.01);
      }
      const markdown = await readFile(join(directory, 'report.md'), 'utf8');
      expect(markdown).toContain('](overhead.png)');
    },
  );

  it('tells a fault of the disk from one of a format: the one ends a command with 4', async () => {
    const stored = await writeGateRun(directory, gateRun({ id: 'one', seed: 1, blocks: 4 }));
    const out = join(directory, 'out');
    await mkdir(join(out, 'report.csv.new'), { recursive: true });
    const { code, err } = await caught((context) => report([stored], { format: 'csv,json', out }, context));
    expect(err).toContain('no csv report: it could not be written');
    expect(code).toBe(4);
    expect(await readdir(out)).toContain('report.json');
    const broken = { id: 'broken', make: () => Promise.reject(new Failure('usage', 'no fonts', 'Install.')) };
    const record = syntheticRun({ blocks: 1 });
    const { isUnwritten } = await writeReport(summarise(record), record, [broken], join(directory, 'b'));
    expect(isUnwritten).toBe(false);
  });

  it('makes what there is room for, says what there is none for, and leaves nothing cut off', async ({
    skip,
  }) => {
    const small = join(directory, 'small');
    await mkdir(small, { recursive: true });
    // The page is larger than this; table, Markdown and JSON are not.
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=500k', 'tmpfs', small], {
      reject: false,
    });
    skip(mounted.exitCode !== 0, `no file system can be mounted here: ${mounted.stderr}`);
    try {
      const record = syntheticRun({ blocks: 1 });
      const formats = formatsFrom('html,md,json');
      const written = await writeReport(summarise(record), record, formats, small);
      const { files, skipped } = written;
      expect(written.isUnwritten).toBe(true);
      expect(skipped).toMatchObject([
        { format: 'html', failure: { kind: 'infrastructure', message: expect.stringContaining('ENOSPC') } },
      ]);
      expect(files).toEqual([join(small, 'report.md'), join(small, 'report.json')]);
      expect((await readdir(small)).sort()).toEqual(['report.json', 'report.md']);
    } finally {
      await execa('umount', [small]);
    }
  });

  it.skipIf(withoutCanvas)(
    `draws no picture of a run without figures${withoutCanvas ? ` (${withoutCanvas})` : ''}`,
    async () => {
      const record = syntheticRun({ invalidShare: 1, blocks: 1 });
      const { files, skipped } = await writeReport(summarise(record), record, formatsFrom('png'), directory);
      expect({ files, skipped }).toEqual({ files: [], skipped: [] });
    },
  );

  it.skipIf(withoutCanvas)(
    `refuses a font that draws boxes${withoutCanvas ? ` (${withoutCanvas})` : ''}`,
    () => {
      if (!canvas) return;
      expect(() => checkFonts(canvas.createCanvas, '"DejaVu Sans", sans-serif')).not.toThrow();
      // Draws the same box whatever the text, as a machine without fonts does.
      const boxes = ((width: number, height: number) => {
        const made = canvas.createCanvas(width, height);
        const context = made.getContext('2d');
        context.fillText = (text: string) => {
          if (text !== '') context.strokeRect(4, 4, 12, 20);
        };
        return made;
      }) as typeof canvas.createCanvas;
      expect(() => checkFonts(boxes, 'sans-serif')).toThrow(/fonts of this machine/);
    },
  );
});

/** Share of pixels that are not the background. */
async function inkShare(path: string): Promise<number> {
  if (!canvas) return 0;
  const image = await canvas.loadImage(path);
  const surface = canvas.createCanvas(image.width, image.height);
  const context = surface.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let ink = 0;
  for (let at = 0; at < data.length; at += 4) {
    if ((data[at] ?? 255) + (data[at + 1] ?? 255) + (data[at + 2] ?? 255) < 720) ink += 1;
  }
  return ink / (data.length / 4);
}
