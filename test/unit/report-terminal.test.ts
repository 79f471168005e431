import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { renderTerminal, terminalOptions } from '../../reports/terminal.ts';
import { displayWidth } from '../../reports/text.ts';
import type { RunRecord } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';

const summary = (options: SyntheticOptions = {}) => summarise(syntheticRun(options));
const golden = (name: string) => `../fixtures/golden/${name}`;
const plain = { columns: 100, colour: false };
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const escapes = /\u001b\[\d*m/g;

const hostile =
  '\u001b[31mred\u001b[0m | `x` <script>alert(1)</script>\n# heading\r\n| a | b |\u202e ![i](http://x)';

describe('the terminal table', () => {
  it('of a quick run', async () => {
    const run = summary({ blocks: 4, failedShare: 0.01, invalidShare: 0.01 });
    await expect(renderTerminal(run, plain)).toMatchFileSnapshot(golden('report-quick.txt'));
  });

  it('of a quick run, 80 columns wide', async () => {
    await expect(renderTerminal(summary({ blocks: 4 }), { ...plain, columns: 80 })).toMatchFileSnapshot(
      golden('report-quick-80.txt'),
    );
  });

  it('of a longer run with encryption, whose bar runs off the scale', async () => {
    const run = summary({
      blocks: 8,
      workloads: ['tcp-stream', 'tcp-rr'],
      scenarios: ['host', 'macvlan', 'bridge-published', 'overlay', 'overlay-encrypted'].map(
        (driver) => `cross-host/${driver}`,
      ),
      unsupported: [],
    });
    await expect(renderTerminal(run, plain)).toMatchFileSnapshot(golden('report-encrypted.txt'));
  });

  it('says when a run is unfinished, and when nothing was measured', async () => {
    const record = syntheticRun({ blocks: 2, state: 'interrupted' });
    await expect(renderTerminal(summarise({ ...record, trials: [] }), plain)).toMatchFileSnapshot(
      golden('report-empty.txt'),
    );
    expect(renderTerminal(summarise(record), plain)).toContain(
      'note     The run is interrupted, not finished',
    );
  });

  it('of a run in which every trial is invalid shows the reason and no figure', () => {
    const text = renderTerminal(summary({ invalidShare: 1 }), plain);
    expect(text).toContain('the underlay carried none of the payload');
    expect(text).toContain('0 trials count, 672 invalid');
    expect(text.slice(text.indexOf('Same host'))).not.toMatch(/Gbit\/s|%|█/);
  });

  it('never exceeds its width, whatever the label and whatever the run', () => {
    const runs = [
      summary({ label: hostile.repeat(4), failedShare: 0.1, invalidShare: 0.1 }),
      summary({ scenarios: ['same-host/host'], unsupported: [] }),
      summary({ invalidShare: 1 }),
      summary({ failedShare: 1 }),
      summarise(emptied(syntheticRun())),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...runs),
        fc.integer({ min: 20, max: 160 }),
        fc.boolean(),
        (run, columns, colour) => {
          for (const line of renderTerminal(run, { columns, colour }).split('\n')) {
            expect(displayWidth(line.replace(escapes, ''))).toBeLessThanOrEqual(columns);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('with colour says the same words as without', () => {
    const run = summary({ blocks: 6, invalidShare: 0.02 });
    const coloured = renderTerminal(run, { columns: 100, colour: true });
    expect(coloured.replace(escapes, '')).toBe(renderTerminal(run, plain));
    expect(coloured).toMatch(escapes);
  });

  it('lets no escape of a label through', () => {
    const text = renderTerminal(summary({ label: hostile }), plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the point
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('ranks the baseline first and then from cheap to dear', () => {
    const lines = renderTerminal(summary({ blocks: 6 }), plain).split('\n');
    const start = lines.findIndex((line) => line.startsWith('Two engines on one kernel'));
    const names = lines.slice(start + 2, start + 6).map((line) => line.trim().split(' ')[0]);
    expect(names).toEqual(['host', 'macvlan', 'bridge-published', 'overlay']);
  });

  it('obeys NO_COLOR and what is not a terminal', () => {
    expect(terminalOptions({ isTTY: true, columns: 120 }, {})).toEqual({ columns: 120, colour: true });
    expect(terminalOptions({ isTTY: true, columns: 250 }, {})).toEqual({ columns: 140, colour: true });
    expect(terminalOptions({ isTTY: true, columns: 80 }, { NO_COLOR: '1' })).toEqual({
      columns: 80,
      colour: false,
    });
    expect(terminalOptions({}, {})).toEqual({ columns: 100, colour: false });
  });
});

describe('the Markdown report', () => {
  it('of a quick run', async () => {
    const run = summary({ blocks: 4, failedShare: 0.01, invalidShare: 0.01 });
    const text = renderMarkdown(run, {
      images: [{ file: 'overhead.png', alt: 'Cost of each network' }],
      workloadNotes: {
        'tcp-stream': { summary: 'one TCP stream', caveat: 'a bulk figure | not a message one' },
      },
    });
    await expect(text).toMatchFileSnapshot(golden('report-quick.md'));
  });

  it('lets no markup of a label through', () => {
    const text = renderMarkdown(summary({ label: hostile }));
    expect(text).not.toContain('<script');
    expect(text).not.toContain('\n# heading');
    expect(text).not.toContain('![i]');
    expect(text).not.toContain('\n| a |');
  });

  it('has the same number of cells in each row of a table', () => {
    for (const run of [summary({ label: hostile, failedShare: 0.3 }), summary({ invalidShare: 1 })]) {
      for (const block of renderMarkdown(run).split('\n\n')) {
        if (!block.startsWith('|')) continue;
        const cells = block.split('\n').map((line) => line.replace(/\\\|/g, '').split('|').length);
        expect(new Set(cells).size, block).toBe(1);
      }
    }
  });

  it('says so where nothing was measured', () => {
    expect(renderMarkdown(summarise(emptied(syntheticRun())))).toContain('Nothing was measured.');
  });
});

function emptied(record: RunRecord): RunRecord {
  return { ...record, trials: [] };
}
