import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { renderGateJunit } from '../../reports/gate-junit.ts';
import { renderGateMarkdown } from '../../reports/gate-markdown.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { historySpec, renderHistoryHtml } from '../../reports/html/history.ts';
import { displayWidth } from '../../reports/text.ts';
import { type GateResult, gateStored } from '../../results/gate.ts';
import { history } from '../../results/history.ts';
import { summarise } from '../../results/summarise.ts';

const few: SyntheticOptions = {
  blocks: 10,
  workloads: ['tcp-stream', 'tcp-rr'],
  scenarios: ['host', 'macvlan', 'bridge-published', 'overlay'].map((driver) => `cross-host/${driver}`),
  unsupported: [],
};
const base = summarise(syntheticRun({ ...few, id: 'run-base' }));
const gate = (options: SyntheticOptions = {}): GateResult =>
  gateStored(base, summarise(syntheticRun({ ...few, seed: 2, id: 'run-head', ...options })));

const regressed = gate({ slowdowns: { 'cross-host/overlay': 1.5, 'cross-host/macvlan': 0.6 } });
const invalid = gate({ state: 'interrupted' });
const hostile: GateResult = {
  ...regressed,
  head: '<script>alert(1)</script>',
  metrics: regressed.metrics.map((metric) => ({ ...metric, scenario: '\u001b[31m|`x`]]>\u0000<b>&' })),
  warnings: ['| a | b |\n# heading'],
};
const golden = (name: string) => `../fixtures/golden/${name}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const escapes = /\u001b\[\d*m/g;

describe('a comparison', () => {
  it('finds what the fixtures were made to hold', () => {
    expect(regressed.verdict).toBe('regressed');
    expect(invalid.verdict).toBe('invalid');
  });

  it('in the terminal', async () => {
    await expect(renderGateTerminal(regressed, { columns: 100, colour: false })).toMatchFileSnapshot(
      golden('gate-regressed.txt'),
    );
    await expect(renderGateTerminal(invalid, { columns: 100, colour: false })).toMatchFileSnapshot(
      golden('gate-invalid.txt'),
    );
  });

  it('never exceeds its width and says the same in colour', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(regressed, invalid, hostile),
        fc.integer({ min: 20, max: 140 }),
        (result, columns) => {
          const plain = renderGateTerminal(result, { columns, colour: false });
          for (const line of plain.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(renderGateTerminal(result, { columns, colour: true }).replace(escapes, '')).toBe(plain);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('in Markdown', async () => {
    await expect(renderGateMarkdown(regressed)).toMatchFileSnapshot(golden('gate-regressed.md'));
    const text = renderGateMarkdown(hostile);
    // What is in a code span is text.
    expect(text.replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, '')).not.toMatch(/<script|<b>/);
    expect(text).not.toContain('\n# heading');
  });

  it('in JUnit: a case per figure, failures for what regressed, one error for what is invalid', () => {
    const xml = renderGateJunit(regressed);
    const count = (pattern: RegExp) => xml.match(pattern)?.length ?? 0;
    expect(count(/<testcase /g)).toBe(regressed.metrics.length);
    expect(count(/<failure /g)).toBe(
      regressed.metrics.filter(({ verdict }) => verdict === 'regressed').length,
    );
    expect(count(/<skipped/g)).toBe(
      regressed.metrics.filter(({ verdict }) => verdict === 'inconclusive').length,
    );
    expect(renderGateJunit(invalid).match(/<error /g)).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold them
    expect(renderGateJunit(hostile)).not.toMatch(/[\u0000-\u0008\u001b]|<b>/);
  });

  it('as a page', async () => {
    const page = await renderComparisonHtml(regressed, 'tare gate --baseline run-base');
    expect(page).toContain('<h1>✗ regressed</h1>');
    expect(page).toContain('data-chart="change-0"');
    expect(await renderComparisonHtml(invalid)).toContain('not finished');
    const odd = await renderComparisonHtml(hostile);
    expect(odd.match(/<script/g)).toHaveLength(2);
    expect(odd).not.toContain('<b>&<');
  });
});

describe('the history page', () => {
  const runs = Array.from({ length: 16 }, (_, day) =>
    summarise({
      ...syntheticRun({
        ...few,
        seed: day + 1,
        id: `run-${day}`,
        slowdowns: { 'cross-host/overlay': day < 9 ? 1 : 1.6 },
      }),
    }),
  ).map((each, day) => ({
    ...each,
    run: {
      ...each.run,
      startedAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      label: day === 3 ? '<b>x' : '',
    },
  }));

  it('draws what changed first, with the run that it changed at', async () => {
    const histories = history(runs);
    const overlay = histories.find(
      ({ scenario, metric }) => scenario === 'cross-host/overlay' && metric === 'goodput',
    );
    if (!overlay) throw new Error('no history of the overlay');
    const spec = historySpec(overlay);
    expect(spec.points).toHaveLength(16);
    expect(spec.changes.map(({ at, isWorse }) => ({ at, isWorse }))).toEqual([{ at: 9, isWorse: true }]);
    const page = await renderHistoryHtml(histories);
    expect(page).toContain('What changed');
    expect(page).toContain('over 16 runs');
    expect(page.replace(/<script[\s\S]*?<\/script>/g, '')).not.toContain('<b>x');
  });

  it('says so where there is nothing to follow', async () => {
    expect(await renderHistoryHtml([])).toContain('at least two finished runs');
    expect(await renderHistoryHtml(history(runs.slice(0, 1)))).toContain('there is one');
  });
});
