import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArms } from '../../bench/config/arms.ts';
import { readConfig } from '../../bench/config/config-file.ts';
import { Failure } from '../../results/failure.ts';
import { readRun, readRunHeader } from '../../results/stored-run.ts';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function yaml(text: string): Promise<string> {
  const file = join(folder, 'bench.yaml');
  await writeFile(file, text);
  return file;
}

const refusal = expect.objectContaining({ name: 'Failure', kind: 'usage' });

describe('a stranger’s bench.yaml', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
      (each, index) => `${each}: &${each} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`,
    ),
  ].join('\n');

  it.each([
    ['aliases that would be gigabytes', bomb],
    ['a key twice', 'blocks: 4\nblocks: 5\n'],
    ['a key of every object', '__proto__:\n  blocks: 4\n'],
    ['another of them', 'constructor:\n  prototype: {}\n'],
    ['one of them below', 'gate:\n  __proto__:\n    delta: 0.5\n'],
    ['a list as a key', '? [a, b]\n: 1\n'],
    ['ten thousand levels', '['.repeat(10_000)],
    ['more than a plan takes', `label: ${'x'.repeat(300_000)}`],
    ['a scenario without end', `scenarios: [${'x'.repeat(10_000)}]`],
    ['scenarios without end', `scenarios: [${Array(1000).fill('a').join(', ')}]`],
    ['a pattern that takes for ever elsewhere', `workloads: ["${'*a'.repeat(300)}"]`],
    ['a tag', 'label: !!js/function "x"\nblokcs: 3'],
  ])('is refused in one short line where it holds %s', async (_, text) => {
    const error = await readConfig(await yaml(text)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toEqual(refusal);
    const { message } = error as Failure;
    expect(message.length).toBeLessThan(400);
    expect(({} as { blocks?: number }).blocks).toBeUndefined();
  });

  it.each([
    ['engines: ["tcp://evil:2375"]', /"engines"/],
    ['lab: 4', /"lab"/],
    ['out: ../../.ssh', /"out"/],
    ['blocks: 1000', /blocks is 1000/],
    ['duration: 600', /duration is 600/],
    [`scenarios: [${Array(30).fill('a').join(', ')}]`, /scenarios is 30/],
  ])('may not say %s where it is untrusted, and may where it is the user’s own', async (text, message) => {
    const file = await yaml(text);
    await expect(readConfig(file, 'untrusted')).rejects.toThrow(message);
    expect(await readConfig(file)).toBeDefined();
  });

  it('is bounded as an arm, too', async () => {
    const many = join(folder, 'many.yaml');
    await writeFile(many, `scenarios: [${Array(30).fill('same-host/host').join(', ')}]`);
    const arms = [`base=${many}`, `head=${many}`];
    await expect(readArms(arms, 'untrusted')).rejects.toThrow(/scenarios is 30/);
    expect((await readArms(arms)).base).toHaveLength(30);
  });

  it('that never ends is read no further than it may be long', async () => {
    await expect(readConfig('/dev/zero')).rejects.toThrow(/holds more than 256 KiB/);
  });
});

describe('the command line, given a stranger’s bench.yaml', () => {
  it.each([
    '"\\e[2J\\e]0;owned\\a\\r\\n::error::owned": 1',
    'profile: "\\r\\e[Kpass\\n::set-output name=verdict::pass"',
    'scenarios: ["##[error]\\u202eowned\\n\\n::stop-commands::x"]',
    'workloads: ["\\n::add-mask::x"]',
    'label: "unfinished',
  ])('answers in one line of text: %s', { timeout: 30_000 }, async (text) => {
    const cli = fileURLToPath(new URL('../../bench/cli/cli.ts', import.meta.url));
    const given = ['--import', import.meta.resolve('tsx'), cli, 'run', '--config', await yaml(text)];
    const { exitCode, stderr, stdout } = await execa(process.execPath, given, { cwd: folder, reject: false });
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^tare: /);
    expect(stderr).not.toMatch(/[\p{Cc}\p{Cf}]|##\w*\[/u);
  });
});

describe('a stranger’s record', () => {
  it('is refused where it is no record, and read as none of its words say', async () => {
    const directory = join(folder, 'endless');
    await mkdir(directory);
    await writeFile(join(directory, 'run.json'), '{'.repeat(65 << 20));
    await expect(readRunHeader(directory)).rejects.toThrow(/holds more than/);
    await rm(directory, { recursive: true });
  });

  it('is refused where a line has no end, before the line is read', async () => {
    const directory = await writeGateRun(folder, gateRun({ id: 'long', seed: 1, blocks: 2 }));
    await writeFile(join(directory, 'trials.ndjson'), 'x'.repeat(33 << 20));
    await expect(readRun(directory)).rejects.toThrow(/trials.ndjson:1: the line has more than 32 MiB/);
    await rm(directory, { recursive: true });
  });

  it.each([
    ['a key more', (run: Record<string, unknown>) => ({ ...run, extra: 1 })],
    ['another version', (run: Record<string, unknown>) => ({ ...run, schemaVersion: 99 })],
    ['a plan of another shape', (run: Record<string, unknown>) => ({ ...run, plan: [] })],
  ])('is refused with %s', async (_, change) => {
    const { run, trials } = gateRun({ id: 'odd', seed: 1, blocks: 2 });
    const directory = await writeGateRun(folder, { run: change({ ...run }) as never, trials });
    await expect(readRun(join(folder, 'odd')).catch((error) => Promise.reject(error))).rejects.toThrow(
      Failure,
    );
    await rm(directory, { recursive: true });
  });
});
