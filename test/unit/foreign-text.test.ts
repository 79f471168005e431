import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { printer } from '../../bench/cli/printer.ts';
import { Progress } from '../../bench/commands/progress.ts';
import { networks } from '../../drivers/registry.ts';
import { adviceMarkdown } from '../../reports/advice-markdown.ts';
import { renderAdviceTerminal } from '../../reports/advice-terminal.ts';
import { figurePages } from '../../reports/charts/figures.ts';
import { claimsMarkdown } from '../../reports/claims-markdown.ts';
import { renderClaimsTerminal } from '../../reports/claims-terminal.ts';
import { csvTrials, renderCsv } from '../../reports/csv.ts';
import { renderGateJunit } from '../../reports/gate-junit.ts';
import { renderGateMarkdown } from '../../reports/gate-markdown.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderHistoryTerminal } from '../../reports/history-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { renderHistoryHtml } from '../../reports/html/history.ts';
import { renderHtml } from '../../reports/html/render.ts';
import { renderMarkdown } from '../../reports/markdown.ts';
import { renderOpenMetrics } from '../../reports/openmetrics.ts';
import { renderPaths } from '../../reports/paths.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { harmlessOutput, jsonText, line, plainStrings, plainText } from '../../reports/text.ts';
import { advise } from '../../results/advice.ts';
import { claimRows } from '../../results/claims.ts';
import { defaultGateOptions, gateStored } from '../../results/gate.ts';
import { history } from '../../results/history.ts';
import { jsonOutput } from '../../results/json-output.ts';
import type { RunRecord } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import { gateRun } from '../fixtures/gate-runs.ts';

/** What somebody may put into a name, a label or a message to steer whoever reads it. */
const attacks = [
  '\u001b[2J\u001b[1;1Hgone',
  '\u009b31mred',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\',
  '\u0090q\u009c',
  '\r\u001b[Kpass',
  '\n::error file=x::owned',
  '::set-output name=verdict::pass',
  '##[error]owned',
  '##vso[task.setvariable variable=x]y',
  '\u202eevil\u2066',
  'a\u200bb\u00adc\u2060\ufeff\u{e0041}',
  'half \ud800 of a pair',
  '\u0000\u0008\ufffe\uffff',
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '<!--',
  '| `x` | ![i](http://evil/x.png) @team [y](javascript:alert(1))',
  '# heading\n\n- [ ] item',
  ']]>&<b>',
  "=cmd|' /C calc'!A0",
  '+1',
  '@SUM(A1)',
  'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301',
];
const anything = fc.oneof(fc.constantFrom(...attacks), fc.string({ unit: 'binary', maxLength: 30 }));
const hostile = fc
  .array(anything, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((text) => text !== '');

// Everything in a record that is no choice among Tare's own words.
const fixed = new Set([
  'status',
  'unit',
  'better',
  'topology',
  'driver',
  'state',
  'verdict',
  'role',
  'profile',
  'startedAt',
  'finishedAt',
]);

/** The record with that text in every string that somebody else may have chosen, names alike everywhere. */
function withText<T>(value: T, text: string, key = ''): T {
  if (typeof value === 'string') return (fixed.has(key) ? value : `${value}${text}`) as T;
  if (Array.isArray(value)) return value.map((each) => withText(each, text, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  // The keys of options, facts and counters are foreign as well; those of baselines are Tare's.
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withText(each, text, name)]),
  ) as T;
}

const doubtful = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Tare's own colours
const ownColours = /\u001b\[(?:0|1|2|31|32|33)m/g;
const runnerCommand = /^[^\S\n]*::|##\w*\[/m;

function expectHarmless(text: string, where: string): void {
  expect(doubtful.exec(text)?.[0], where).toBeUndefined();
}

async function everything(text: string): Promise<Record<string, string>> {
  const record: RunRecord = withText(gateRun({ id: 'head', seed: 1, blocks: 3, worse: 0.2 }), text);
  const earlier: RunRecord = withText(gateRun({ id: 'base', seed: 2, blocks: 3 }), text);
  const [summary, base] = [
    summarise(record, [{ code: 'line-cut-off', path: text, line: 1, bytes: 1 }]),
    summarise(earlier),
  ];
  const result = gateStored(base, summary, defaultGateOptions);
  // What a network gives up is told by the record, so by whoever wrote it.
  const sound = summarise(gateRun({ id: 'head', seed: 1, blocks: 3 }));
  const advised = [{ title: text, advice: withText(advise(sound, [], 'throughput', networks), text) }];
  expect(advised[0]?.advice.networks.length).toBeGreaterThan(1);
  const claims = claimRows(summary, undefined);
  const histories = history([base, summary]);
  const shape = { columns: 100, colour: true };
  return {
    terminal: renderTerminal(summary, shape),
    paths: renderPaths(record, shape),
    'gate, terminal': renderGateTerminal(result, shape),
    'advice, terminal': renderAdviceTerminal(advised, shape),
    'claims, terminal': renderClaimsTerminal(claims, record.run.id, shape),
    'history, terminal': renderHistoryTerminal(histories, { runs: 2, warnings: [text] }, shape),
    'json, terminal': jsonText(jsonOutput(summary)),
    'gate, json, terminal': jsonText(result),
    markdown: renderMarkdown(summary, { images: [{ file: 'x.png', alt: plainText(text) }] as never }),
    'gate, markdown': renderGateMarkdown(result),
    'advice, markdown': adviceMarkdown(advised).join('\n'),
    'claims, markdown': claimsMarkdown(claims).join('\n'),
    html: await renderHtml(summary, record),
    'gate, html': await renderComparisonHtml(result, text),
    'history, html': await renderHistoryHtml(histories),
    openmetrics: renderOpenMetrics(summarise(record, [])),
    csv: renderCsv(record.run.id, csvTrials(record.trials)).replaceAll('\r\n', '\n'),
    junit: renderGateJunit(result),
    pictures: JSON.stringify(plainStrings(figurePages(summary, record))).replaceAll('\\n', ''),
  };
}

describe('foreign text', () => {
  let calm: Record<string, string>;
  beforeAll(async () => {
    calm = await everything(' calm');
  });

  it('steers no terminal, page, table, spreadsheet or CI runner, in whatever is rendered', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const rendered = await everything(text);
        for (const [name, output] of Object.entries(rendered)) {
          expectHarmless(output.replace(ownColours, ''), name);
          if (name.endsWith('terminal') || name === 'paths')
            expect(harmlessOutput(output), name).not.toMatch(runnerCommand);
          if (name.endsWith('html')) {
            const tags = (of: string) => (of.match(/<\/?(?:script|img|style|iframe)\b/g) ?? []).length;
            expect(tags(output), name).toBe(tags(calm[name] ?? ''));
          }
          if (name.endsWith('markdown')) {
            const outside = output.replace(/(?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
            expect(outside, name).not.toMatch(/<(?:script|img|b)\b|!\[i\]|(^|\s)@team/m);
          }
        }
        for (const row of rendered.csv?.split('\n') ?? []) expect(row).not.toMatch(/(?:^|,)"?\s*[=+@]/);
        expect(rendered.junit).not.toMatch(/<b>|<script|<img/);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same data in JSON', () => {
    fc.assert(
      fc.property(hostile, fc.string({ unit: 'binary' }), (text, key) => {
        const data = { [key]: text, list: [text] };
        const printed = jsonText(data);
        expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(data)));
        expectHarmless(printed, 'json');
        expect(printed).not.toMatch(runnerCommand);
      }),
      { numRuns: 500 },
    );
  });

  it('stays one line of what it stands in', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const printed = line`warning: ${text} and ${text}`;
        expect(printed.split('\n')).toHaveLength(2);
        expectHarmless(printed, 'line');
        expect(plainText(plainText(text))).toBe(plainText(text));
      }),
      { numRuns: 500 },
    );
  });

  it('passes the printer as nothing but text, and Tare’s own colours pass', () => {
    const written: string[] = [];
    const output = printer({
      isTTY: true,
      columns: 40,
      write: (text: string) => written.push(text),
    } as never);
    output.write('\u001b[31mred\u001b[0m\n');
    expect(written.pop()).toBe('\u001b[31mred\u001b[0m\n');
    fc.assert(
      fc.property(hostile, (text) => {
        output.write(text);
        const printed = (written.pop() ?? '').replace(ownColours, '');
        expectHarmless(printed, 'printer');
        expect(printed).not.toMatch(runnerCommand);
        const progress = new Progress(output);
        progress.listen({ type: 'warning', text });
        progress.listen({ type: 'step', text });
        expect(written.every((each) => each.split('\n').length === 2)).toBe(true);
        for (const each of written.splice(0)) expectHarmless(each.replace(ownColours, ''), 'progress');
      }),
      { numRuns: 300 },
    );
  });
});
