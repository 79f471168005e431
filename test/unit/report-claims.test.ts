import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatsFrom } from '../../bench/commands/present.ts';
import { type SyntheticOptions, syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { networks } from '../../drivers/registry.ts';
import { adviceMarkdown } from '../../reports/advice-markdown.ts';
import { renderAdviceTerminal } from '../../reports/advice-terminal.ts';
import { claimsMarkdown } from '../../reports/claims-markdown.ts';
import { renderClaimsTerminal } from '../../reports/claims-terminal.ts';
import { adviceSection } from '../../reports/html/advice.ts';
import { claimsSection } from '../../reports/html/claims.ts';
import { displayWidth } from '../../reports/text.ts';
import { writeReport } from '../../reports/write-report.ts';
import { advise } from '../../results/advice.ts';
import { readyNeeds } from '../../results/advice-needs.ts';
import { claimRows } from '../../results/claims.ts';
import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';
import { summarise } from '../../results/summarise.ts';

const hostile = '</script><img src=x onerror=alert(1)> | `x` @team \u001b[31mred\u001b[0m\n# heading';
const evidence: readonly Evidence[] = [
  evidenceOf(2, [{ text: `Seen in clear. ${hostile}`, agrees: true }]),
  evidenceOf(11, [{ text: 'Encrypts nothing.', agrees: false }]),
  notTested(10, `No ESP. ${hostile}`, [{ text: 'The control worked.', agrees: true }]),
];

function parts(options: SyntheticOptions = {}) {
  const record = syntheticRun({ blocks: 12, workloads: ['tcp-stream', 'tcp-rr'], ...options });
  const summary = summarise(record);
  return {
    record,
    summary,
    rows: claimRows(summary, evidence),
    advised: readyNeeds.map(({ title, needs }) => ({
      title,
      advice: advise(summary, needs, 'throughput', networks),
    })),
  };
}

const oddities: readonly [string, SyntheticOptions][] = [
  ['sound', {}],
  ['empty', { scenarios: [], unsupported: [] }],
  ['all invalid', { invalidShare: 1 }],
  ['all failed', { failedShare: 1 }],
  ['of one block', { blocks: 1 }],
  ['of one scenario', { scenarios: ['cross-host/overlay'] }],
];

describe.each(oddities)('claims and advice of a run that is %s', (_, options) => {
  const { rows, advised, summary } = parts(options);

  it.each([100, 80, 40])('fit a terminal of %i columns without escapes', (columns) => {
    for (const text of [
      renderClaimsTerminal(rows, summary.run.id, { columns, colour: false }),
      renderAdviceTerminal(advised, { columns, colour: false }),
    ]) {
      for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(text).not.toContain('\u001b');
      expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });

  it('hold hostile text as text in HTML and Markdown', () => {
    const page = claimsSection(rows).text + adviceSection(advised).text;
    expect(page).not.toMatch(/<img|<script|NaN|undefined|Infinity|\[object/);
    expect(page).toContain('&lt;img src=x');
    const markdown = [...claimsMarkdown(rows), ...adviceMarkdown(advised)].join('\n\n');
    expect(markdown).not.toMatch(/<img|<script|(?<![\w\\;])@team|NaN|undefined|Infinity|\[object/);
    expect(markdown).not.toContain('\u001b');
    // Every row of each table has as many cells as its head.
    for (const block of markdown.split('\n\n').filter((each) => each.startsWith('| '))) {
      const counts = block.split('\n').map((line) => line.replace(/\\\|/g, '').split('|').length);
      expect(new Set(counts).size).toBe(1);
    }
  });
});

describe('the claims', () => {
  const { rows, summary } = parts();

  it('say each verdict in words, not by mark or colour alone', () => {
    const text = renderClaimsTerminal(rows, summary.run.id, { columns: 100, colour: false });
    expect(text).toContain(' 2 ✓ confirmed       bridge: no encryption');
    expect(text).toMatch(/11 ✗ refuted +overlay: encryption/);
    expect(text).toMatch(/12 – not tested here +overlay: consistent subnets/);
    expect(text).toMatch(/bound cost at most \+50 % \(fast: [^)]+\):\s+met/);
    expect(text).toContain(`run ${summary.run.id}: trials of same-host/bridge, same-host/host`);
    const page = claimsSection(rows).text;
    for (const words of ['✓ confirmed', '✗ refuted', '– not tested here']) expect(page).toContain(words);
    expect(page.match(/<tr>/g)).toHaveLength(20);
  });

  it('colour a terminal that can show it', () => {
    expect(renderClaimsTerminal(rows, 'x', { columns: 100, colour: true })).toContain('\u001b[32m');
  });
});

describe('a report', () => {
  it('has the claims where the run bears on them, and advice', async () => {
    const { record, summary, rows } = parts();
    const directory = await mkdtemp(join(tmpdir(), 'tare-claims-report-'));
    await writeReport(summary, record, formatsFrom('html,md'), directory, { claims: rows });
    const page = await readFile(join(directory, 'report.html'), 'utf8');
    const markdown = await readFile(join(directory, 'report.md'), 'utf8');
    for (const text of [page, markdown]) {
      expect(text).toContain('The guide’s claims');
      expect(text).toContain('Containers of several hosts, encrypted');
      expect(text).toContain('Nothing that gives all of this was measured in this run.');
    }
  });

  it('leaves the claims out where the run bears on none, and both out of a live comparison', async () => {
    const { record, summary } = parts({ scenarios: ['cross-host/host'], unsupported: [] });
    const directory = await mkdtemp(join(tmpdir(), 'tare-claims-report-'));
    await writeReport(summary, record, formatsFrom('md'), directory, {
      claims: claimRows(summary, undefined),
    });
    const markdown = await readFile(join(directory, 'report.md'), 'utf8');
    expect(markdown).not.toContain('The guide’s claims');
    expect(markdown).toContain('## Choose');
    const live = { ...record, trials: record.trials.map((trial) => ({ ...trial, arm: 'base' as const })) };
    await writeReport(summarise(live), live, formatsFrom('md'), directory, {
      claims: claimRows(summary, evidence),
    });
    expect(await readFile(join(directory, 'report.md'), 'utf8')).not.toMatch(/## Choose|The guide’s claims/);
  });
});
