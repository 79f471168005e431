import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gate } from '../../bench/commands/gate.ts';
import { formatsFrom, present } from '../../bench/commands/present.ts';
import { gateRemarks } from '../../reports/gate-prose.ts';
import { jsonText } from '../../reports/text.ts';
import { defaultGateOptions } from '../../results/gate.ts';
import { judgeRun } from '../../results/judge-run.ts';
import type { Fingerprint, RunRecord } from '../../results/schema.ts';
import { looks } from '../../results/statistics/sequential.ts';
import { caught } from '../fixtures/caught.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';
import { cpu } from './results-builders.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-judge-'));
});
afterAll(() => rm(folder, { recursive: true }));

const worse = { seed: 2, worse: 0.2, looks };
const runs = [
  { verdict: 'regressed', record: liveGateRun({ ...worse, id: 'worse', blocks: 20 }) },
  {
    verdict: 'invalid',
    record: liveGateRun({ ...worse, id: 'torn', blocks: 12, run: { state: 'interrupted' } }),
  },
  { verdict: 'invalid', record: liveGateRun({ ...worse, id: 'slow', blocks: 12, run: { emulated: true } }) },
  // Enough to call it once and for all, and too little at the first of several looks.
  { verdict: 'inconclusive', record: liveGateRun({ ...worse, id: 'early', blocks: 8 }) },
];

describe.each(runs)('a live comparison that is $verdict ($record.run.id)', ({ verdict, record }) => {
  it('is so on the page, in the table, in Markdown, JSON and JUnit', async () => {
    const directory = await writeGateRun(folder, record);
    const out = join(directory, 'report');
    const formats = formatsFrom('html,md,json');
    const table = await caught(async (context) => {
      await present(directory, { out, json: false, formats }, context);
      return 0;
    });
    const json = await caught(async (context) => {
      const { json } = await present(directory, { out, json: true, formats: [] }, context);
      context.stdout.write(jsonText(json));
      return 0;
    });
    const junit = join(directory, 'gate.xml');
    const gated = await caught((context) => gate(directory, { json: true, junit }, context));
    const [page, markdown, stored] = await Promise.all(
      ['report.html', 'report.md', 'report.json'].map((name) => readFile(join(out, name), 'utf8')),
    );
    const says = new RegExp(`${verdict}: `);
    expect(table.out.replace(/\s+/g, ' ')).toMatch(new RegExp(`head against base: ${verdict}: `));
    expect(markdown).toMatch(new RegExp(`head against base: ${verdict}: `));
    expect(page?.replace(/<script[\s\S]*?<\/script>/g, '')).toMatch(says);
    for (const text of [json.out, stored, gated.out])
      expect(JSON.parse(text as string)).toHaveProperty('verdict', verdict);
    const errors = (await readFile(junit, 'utf8')).match(/<error /g)?.length ?? 0;
    expect(errors).toBe(verdict === 'invalid' ? 1 : 0);
  });
});

it('a run without arms has no verdict of its own', async () => {
  const record = gateRun({ id: 'plain', seed: 1 });
  expect(() => judgeRun(record)).toThrow('has no arms');
  const directory = await writeGateRun(folder, record);
  const options = { out: join(directory, 'report'), json: true, formats: [] };
  let shown: unknown;
  await caught(async (context) => {
    shown = (await present(directory, options, context)).json;
    return 0;
  });
  expect(shown).not.toHaveProperty('verdict');
});

it('a live comparison is judged by the rules that its plan declares, and by others where they are given', async () => {
  const { run, trials } = liveGateRun({ ...worse, id: 'lenient', blocks: 20 });
  const gateRules = { ...defaultGateOptions, delta: 0.5 };
  const lenient = { run: { ...run, plan: { ...run.plan, gate: gateRules } }, trials };
  expect(judgeRun(lenient).verdict).toBe('pass');
  expect(judgeRun(lenient, { rules: defaultGateOptions }).verdict).toBe('regressed');
  const directory = await writeGateRun(folder, lenient);
  expect((await caught((context) => gate(directory, {}, context))).code).toBe(0);
  expect((await caught((context) => gate(directory, { delta: '3%' }, context))).code).toBe(1);
});

describe('what other programs did', () => {
  const fingerprint: Fingerprint = {
    engine: 'local',
    role: 'same-host',
    engineVersion: '28',
    apiVersion: '1.48',
    machine: '',
    kernel: '6.12',
    emulated: false,
    imageId: 'sha256:1',
    facts: {},
  };

  /** The same run, with a machine that other programs kept busy in every trial. */
  const under = <T extends RunRecord>(record: T, share: number): T => ({
    ...record,
    run: { ...record.run, fingerprints: [{ ...fingerprint, machine: `boot of ${record.run.id}` }] },
    trials: record.trials.map((trial) => ({
      ...trial,
      cpu: [cpu({ machine: `boot of ${record.run.id}` })],
      foreignCpu: [
        {
          machine: `boot of ${record.run.id}`,
          share,
          cpuSeconds: share * 2,
          top: [{ name: 'stress-ng', cpuSeconds: share * 2 }],
        },
      ],
    })),
  });
  const base = gateRun({ id: 'before', seed: 1 });
  const head = gateRun({ id: 'after', seed: 2 });

  it('is said first where it was notable in one of two runs', () => {
    const result = judgeRun(under(head, 0.45), { baseline: under(base, 0.01) });
    expect(gateRemarks(result).find(({ label }) => label === 'differs')?.text).toBe(
      'CPU taken by other programs of same-host: 1 % → 45 % (stress-ng 0.9 cores)',
    );
    expect(judgeRun(head, { baseline: under(base, 0.2) }).differences[0]).toMatchObject({
      base: '20 % (stress-ng 0.4 cores)',
    });
  });

  it('is not said where it was notable in neither', () => {
    const { differences } = judgeRun(under(head, 0.02), { baseline: under(base, 0.01) });
    expect(differences.map(({ fact }) => fact)).not.toContain('CPU taken by other programs');
  });

  it('is a warning of a live comparison', () => {
    const live = under(liveGateRun({ id: 'busy', seed: 2, worse: 0, blocks: 20, looks }), 0.45);
    expect(judgeRun(live).warnings.join()).toContain('Other programs took 45 % of the CPU');
  });
});
