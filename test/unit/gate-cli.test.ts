import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunRecord } from '../../results/schema.ts';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

/** The gate's self-test: the program itself on runs whose verdict is known. */
const base = gateRun({ id: 'base', seed: 1 });
const cases: readonly { name: string; head: RunRecord; code: number; says: string }[] = [
  { name: 'equal', head: gateRun({ id: 'equal', seed: 2, speed: 0.8 }), code: 0, says: 'pass: 4 pass' },
  {
    name: 'regressed',
    head: gateRun({ id: 'regressed', seed: 2, worse: 0.1 }),
    code: 1,
    says: 'regressed: 1',
  },
  { name: 'noisy', head: gateRun({ id: 'noisy', seed: 2, deviation: 0.06 }), code: 3, says: 'inconclusive:' },
  {
    name: 'failed control',
    head: gateRun({ id: 'failed-control', seed: 2, speed: 0.3 }),
    code: 4,
    says: 'same-host/host itself moved by',
  },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-gate-cli-'));
  for (const { run, trials } of [base, ...cases.map(({ head }) => head)]) {
    await writeGateRun(join(folder, 'results', 'runs'), { run, trials });
  }
});
afterAll(() => rm(folder, { recursive: true }));

const root = resolve(import.meta.dirname, '../..');

function tare(...words: string[]) {
  return execa('node', ['--import', import.meta.resolve('tsx'), join(root, 'bench/cli/cli.ts'), ...words], {
    cwd: folder,
    reject: false,
    env: { GITHUB_STEP_SUMMARY: '', NO_COLOR: '1' },
  });
}

it('ends with the exit code of its verdict', { timeout: 300_000 }, async () => {
  const outcomes = [];
  // Two at a time: starting is most of the work, and a small machine has two cores.
  for (let at = 0; at < cases.length; at += 2) {
    const pair = cases.slice(at, at + 2);
    outcomes.push(
      ...(await Promise.all(pair.map(({ head }) => tare('gate', head.run.id, '--baseline', 'base')))),
    );
  }
  for (const [at, { name, code, says }] of cases.entries()) {
    expect.soft(outcomes[at]?.exitCode, `${name}: ${outcomes[at]?.stderr}`).toBe(code);
    expect.soft(outcomes[at]?.stdout.replace(/\s+/g, ' '), name).toContain(says);
    expect.soft(outcomes[at]?.stderr, name).toBe('');
  }
});

it('names a damaged record in one line and gives no verdict', { timeout: 120_000 }, async () => {
  const directory = await writeGateRun(join(folder, 'results', 'runs'), gateRun({ id: 'damaged', seed: 2 }));
  const path = join(directory, 'trials.ndjson');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"goodput"', '"goodput'));
  const { exitCode, stdout, stderr } = await tare('gate', 'damaged', '--baseline', 'base', '--json');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'error', exitCode: 2 });
  expect(stdout).not.toContain('verdict');
  expect(stderr).toMatch(
    /^tare: .*damaged\/trials\.ndjson:1: corrupt line \(not JSON\)\. Restore the file from a copy/,
  );
  expect(stderr.split('\n')).toHaveLength(1);
});
