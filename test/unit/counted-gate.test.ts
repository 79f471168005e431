import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBaseline } from '../../bench/commands/baseline.ts';
import { gate } from '../../bench/commands/gate.ts';
import { renderGateJunit } from '../../reports/gate-junit.ts';
import { renderGateMarkdown } from '../../reports/gate-markdown.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { displayWidth } from '../../reports/text.ts';
import { baselineText, parseBaseline, readBaselineFile } from '../../results/baseline-file.ts';
import { type CountedFigures, countedFigures } from '../../results/counted-figures.ts';
import { Failure } from '../../results/failure.ts';
import type { GateResult } from '../../results/gate.ts';
import { defaultRulesOf, judgeRun } from '../../results/judge-run.ts';
import type { RunRecord } from '../../results/schema.ts';
import { createRun } from '../../results/store.ts';
import { caught } from '../fixtures/caught.ts';
import { type CountedRunOptions, countedRun, recipe } from '../fixtures/counted-runs.ts';
import { gateRun } from '../fixtures/gate-runs.ts';

const figuresOf = (record: RunRecord): CountedFigures => countedFigures(record) as CountedFigures;
const base = countedRun({ id: 'base' });
const file = (record: RunRecord = base): CountedFigures =>
  parseBaseline(baselineText(figuresOf(record), '0.1.0'), 'tare-baseline.json');
const judged = (
  options: Omit<CountedRunOptions, 'id'> = {},
  rules: { anyChange?: boolean; acrossRecipes?: boolean; delta?: number } = {},
  baseline: RunRecord | CountedFigures = file(),
): GateResult => {
  const head = countedRun({ id: 'head', ...options });
  return judgeRun(head, { baseline, rules: { ...defaultRulesOf(head), ...rules } });
};
const rule = { nft_do_chain: 132 };
const tenRules = { nft_do_chain: 1320, nft_immediate_eval: 60 };
const other = {
  ...recipe,
  digest: 'sha256:ff',
  packages: { ...recipe.packages, 'linux-image-cloud-amd64': '6.12.63-1' },
};

describe('a gate in counted time', () => {
  it('passes what is as it was, and says so', () => {
    const result = judged();
    expect(result.verdict).toBe('pass');
    expect(result.counted?.changes.flatMap(({ functions }) => functions)).toEqual([]);
    expect(renderGateTerminal(result, { columns: 100, colour: false })).toContain(
      'All figures are unchanged, function by function, within 0.05 %',
    );
  });

  it.each([
    ['a stored run', base],
    ['a baseline file', file()],
  ])('names the function that a single filter rule lengthens, against %s', (_, baseline) => {
    const result = judged({ more: rule }, {}, baseline);
    // 132 of 56,041 instructions are less than delta: it passes, and is told.
    expect(result.verdict).toBe('pass');
    const changed = result.counted?.changes.filter(({ functions }) => functions.length > 0);
    expect(changed).toMatchObject([
      {
        scenario: 'same-host/bridge',
        functions: [{ name: 'nft_do_chain', group: 'filter', base: 1730, head: 1862, difference: 132 }],
        groups: [{ group: 'filter', difference: 132 }],
      },
    ]);
    expect(judged({ more: rule }, { anyChange: true }, baseline).verdict).toBe('regressed');
  });

  it('calls ten rules regressed, by the functions of both', () => {
    const result = judged({ more: tenRules });
    expect(result.verdict).toBe('regressed');
    expect(renderGateTerminal(result, { columns: 100, colour: false })).toContain(
      'filter +1,380: nft_do_chain +1,320',
    );
  });

  it('calls a shorter path improved, and with --any-change leaves it to a person', () => {
    const better = { nft_do_chain: -1730 };
    expect(judged({ more: better }).verdict).toBe('improved');
    const strict = judged({ more: better }, { anyChange: true });
    expect(strict.verdict).toBe('inconclusive');
    expect(strict.metrics.find(({ scenario }) => scenario === 'same-host/bridge')?.undecided).toBe(
      'other-than-baseline',
    );
  });

  it('sees functions that took one another’s place though the whole is as long', () => {
    const moved = { nft_do_chain: -132, veth_xmit: 132 };
    expect(judged({ more: moved }).verdict).toBe('pass');
    expect(judged({ more: moved }, { anyChange: true }).verdict).toBe('inconclusive');
    expect(judged({ more: moved }).counted?.changes.flatMap(({ functions }) => functions)).toHaveLength(2);
  });

  it('decides nothing where trials scatter by more than delta', () => {
    expect(
      judged({ scatter: 0.004, more: { ip_rcv: 250 } }, {}, countedRun({ id: 'alike', scatter: 0.004 }))
        .verdict,
    ).toBe('inconclusive');
  });

  it('blames no function for what trials of one side differ by themselves', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.01, noNaN: true }), (scatter) => {
        const { counted } = judged({ scatter }, {}, file(countedRun({ id: 'alike', scatter })));
        expect(counted?.changes.flatMap(({ functions }) => functions)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses another recipe by name, or compares it where that is asked for', () => {
    const refused = judged({ recipe: other });
    expect(refused.verdict).toBe('invalid');
    expect(refused.reason).toContain('linux-image-cloud-amd64: 6.12.57-1 → 6.12.63-1');
    expect(refused.remedy).toContain('tare baseline');
    expect(refused.metrics).toEqual([]);
    const compared = judged({ recipe: other }, { acrossRecipes: true });
    expect(compared.verdict).toBe('pass');
    expect(renderGateTerminal(compared, { columns: 100, colour: false })).toMatch(
      /recipe +package linux-image-cloud-amd64: 6\.12\.57-1 → 6\.12\.63-1/,
    );
  });

  it('judges two arms of one run by their counts', () => {
    const [was, is] = [countedRun({ id: 'live' }), countedRun({ id: 'live', more: tenRules })];
    const shifted = is.trials.map((trial) => ({ ...trial, order: trial.order + 100, arm: 'head' as const }));
    const live: RunRecord = {
      run: is.run,
      trials: [...was.trials.map((trial) => ({ ...trial, arm: 'base' as const })), ...shifted],
      functions: new Map([
        ...(was.functions ?? []),
        ...[...(is.functions ?? [])].map(([order, counts]) => [order + 100, counts] as const),
      ]),
    };
    const result = judgeRun(live);
    expect(result).toMatchObject({ verdict: 'regressed', base: 'live (base)', head: 'live (head)' });
    // The head's variant of a network is compared with the base's own.
    const variant = (id: string) => (id === 'same-host/bridge' ? `${id}@rules=10` : id);
    const options = { rules: '10' };
    const varied = judgeRun({
      ...live,
      run: {
        ...live.run,
        plan: {
          ...live.run.plan,
          scenarios: live.run.plan.scenarios.flatMap((each) =>
            each.id === 'same-host/bridge' ? [each, { ...each, id: variant(each.id), options }] : [each],
          ),
        },
      },
      trials: live.trials.map((trial) =>
        trial.arm === 'head' ? { ...trial, scenario: variant(trial.scenario) } : trial,
      ),
    });
    expect(varied).toMatchObject({ verdict: 'regressed', refusals: [] });
    expect(renderGateTerminal(varied, { columns: 100, colour: false })).toMatch(/bridge@rules=10 +\+/);
  });

  it('mixes no clocks, and takes no run that was not finished', () => {
    const wall = gateRun({ id: 'wall', seed: 1 });
    expect(() => judgeRun(wall, { baseline: file() })).toThrow(
      /counted time, and the other by the wall clock/,
    );
    expect(() => judgeRun(wall, { baseline: base })).toThrow(/wall clock/);
    expect(() => judgeRun(base, { baseline: wall })).toThrow(/wall clock/);
    expect(() => judgeRun(base)).toThrow(/no arms/);
    expect(judged({ run: { state: 'interrupted' } })).toMatchObject({ verdict: 'invalid' });
  });

  it('refuses a figure that the head lacks', () => {
    const two = figuresOf(base);
    const head = countedRun({ id: 'head' });
    const without = {
      ...head,
      trials: head.trials.filter(({ scenario }) => scenario !== 'same-host/bridge'),
    };
    expect(judgeRun(without, { baseline: two })).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringContaining('tcp-rr on same-host/bridge'),
    });
  });

  it('says where no functions were accounted for', () => {
    expect(judged({ bare: true }).warnings).toEqual([
      expect.stringContaining('no account of their functions'),
    ]);
  });

  it('tells the same in terminal, Markdown, JUnit and page, each figure marked as counted', async () => {
    const result = judged({ more: tenRules });
    const golden = (name: string) => `../fixtures/golden/${name}`;
    await expect(renderGateTerminal(result, { columns: 100, colour: false })).toMatchFileSnapshot(
      golden('gate-counted.txt'),
    );
    await expect(renderGateMarkdown(result)).toMatchFileSnapshot(golden('gate-counted.md'));
    const page = await renderComparisonHtml(result);
    for (const text of [renderGateJunit(result), page]) {
      expect(text).toContain('counted');
    }
    expect(page).toContain('What changed, function by function');
    for (const columns of [20, 60, 80]) {
      for (const line of renderGateTerminal(result, { columns, colour: false }).split('\n')) {
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('a baseline file', () => {
  it('is as it is written: sorted, rounded, a line a figure and a function', async () => {
    await expect(baselineText(figuresOf(base), '0.1.0')).toMatchFileSnapshot(
      '../fixtures/golden/tare-baseline.json',
    );
    expect(baselineText(figuresOf(countedRun({ id: 'again' })), '0.1.0')).toBe(
      baselineText(figuresOf(base), '0.1.0'),
    );
    const changed = baselineText(figuresOf(countedRun({ id: 'c', more: rule })), '0.1.0').split('\n');
    const lines = baselineText(figuresOf(base), '0.1.0').split('\n');
    expect(changed.filter((line, i) => line !== lines[i])).toHaveLength(2);
  });

  it('gives back what was written to it, written again', () => {
    const text = baselineText(figuresOf(base), '0.1.0');
    expect(baselineText(parseBaseline(text, 'x'), '0.1.0')).toBe(text);
  });

  const good = JSON.parse(baselineText(figuresOf(base), '0.1.0'));
  it.each([
    ['no JSON', '{', /is not JSON/],
    ['a run', '{"schemaVersion": 2}', /is no baseline/],
    ['a list', '[]', /is no baseline/],
    ['another version', JSON.stringify({ ...good, version: 2 }), /version 2; this Tare reads version 1/],
    ['unknown keys', JSON.stringify({ ...good, more: 1 }), /Unrecognized key|more/],
    [
      'names that steer a terminal',
      JSON.stringify({ ...good, functions: { 'a b': { '\u001b[2J kernel': 1 } } }),
      /functions/,
    ],
    ['counts that are none', JSON.stringify(good).replace('38660', '-1'), /figures|instructions/],
  ])('that is %s is refused in one line with what to do', (_, text, expected) => {
    let error: unknown;
    try {
      parseBaseline(text, 'tare-baseline.json');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).message).toMatch(expected);
    expect((error as Failure).message).not.toContain('\n');
    expect((error as Failure).remedy).toContain('tare baseline');
  });
});

describe('tare baseline and tare gate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tare-counted-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const store = async (record: RunRecord): Promise<string> => {
    const directory = join(folder, record.run.id);
    const writer = await createRun(directory, record.run);
    for (const trial of record.trials) {
      await writer.append(trial);
      const counts = record.functions?.get(trial.order);
      if (counts) await writer.keepFunctions(trial.order, counts);
    }
    await writer.close();
    return directory;
  };

  it('write a file of a stored run, and judge another run against it', async () => {
    const [was, is] = [await store(base), await store(countedRun({ id: 'slower', more: tenRules }))];
    const write = join(folder, 'tare-baseline.json');
    expect((await caught((context) => writeBaseline({ from: was, write }, context))).code).toBe(0);
    expect((await readFile(write, 'utf8')).split('\n').length).toBeLessThan(100);
    const { code, out } = await caught((context) => gate(is, { baseline: write, json: true }, context));
    expect(code).toBe(1);
    const json = JSON.parse(out);
    expect(json.verdict).toBe('regressed');
    expect(json.counted.changes[1].functions[0]).toMatchObject({ name: 'nft_do_chain', difference: 1320 });
    const again = await store(countedRun({ id: 'again' }));
    expect((await caught((context) => gate(again, { baseline: write }, context))).code).toBe(0);
  });

  it('refuse a run by the wall clock, and files that are none', async () => {
    const wall = await store(gateRun({ id: 'wall', seed: 3 }));
    const write = join(folder, 'never.json');
    await expect(caught((context) => writeBaseline({ from: wall, write }, context))).rejects.toMatchObject({
      kind: 'usage',
      remedy: expect.stringContaining('--baseline wall'),
    });
    await expect(readBaselineFile(join(folder, 'missing.json'))).rejects.toMatchObject({ kind: 'usage' });
    await writeFile(write, ' '.repeat((8 << 20) + 1));
    await expect(readBaselineFile(write)).rejects.toMatchObject({ kind: 'usage' });
    await expect(
      caught((context) => gate(wall, { baseline: wall, anyChange: true }, context)),
    ).rejects.toMatchObject({ kind: 'usage' });
  });
});
