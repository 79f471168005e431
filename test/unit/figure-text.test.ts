import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { answers } from '../../reports/answers.ts';
import { claimsMarkdown } from '../../reports/claims-markdown.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { rankAll } from '../../reports/ranking.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { claimRows } from '../../results/claims.ts';
import { bytesText, confidenceText, percentText } from '../../results/figure-text.ts';
import { summarise } from '../../results/summarise.ts';

it.each([
  [0, '0 %'],
  [0.0002, '0 %'],
  [0.025, '2.5 %'],
  [0.03, '3 %'],
  [0.0996, '10 %'],
  [0.875, '88 %'],
  [0.9987, '99.9 %'],
  [1, '100 %'],
  [-0.123, '−12 %'],
  [Number.NaN, 'n/a'],
])('the share %d is %s', (share, text) => {
  expect(percentText(share)).toBe(text);
});

it.each([
  [0, '0 B'],
  [512, '512 B'],
  [1500, '1.5 kB'],
  [999_700, '1 MB'],
  [256e6, '256 MB'],
  [1.234e9, '1.23 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

describe('the confidence of an interval', () => {
  it.each([
    [0.875, '87 %'],
    [0.9375, '93 %'],
    [0.96875, '96 %'],
    [0.95, '95 %'],
    [1 - 0.05, '95 %'],
    [0.999, '99 %'],
    [0.5, '50 %'],
  ])('of %d is %s: never more than it holds', (confidence, text) => {
    expect(confidenceText(confidence)).toBe(text);
  });

  it('is written alike by everything that reports a run of four blocks', () => {
    const record = syntheticRun({ blocks: 4, workloads: ['tcp-stream', 'tcp-rr'] });
    const summary = summarise(record);
    const texts = [
      renderTerminal(summary, { columns: 100, colour: false }),
      renderMarkdown(summary, { sections: claimsMarkdown(claimRows(summary, [])) }),
      answers(summary, rankAll(summary))
        .map(({ answer, detail }) => `${answer} ${detail}`)
        .join('\n'),
    ];
    for (const text of texts) {
      expect(text).toMatch(/87\s%/);
      expect(text).not.toMatch(/87\.5|(at|holds)\s88\s%/);
    }
  });
});
