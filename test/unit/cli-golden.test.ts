import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

// What the program itself prints where no engine is needed; `npx vitest run -u --project unit cli-golden` writes it anew.

const root = resolve(import.meta.dirname, '../..');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-golden-'));
  const runs = join(folder, 'results', 'runs');
  await writeGateRun(runs, gateRun({ id: 'one', seed: 1 }));
  await writeGateRun(runs, gateRun({ id: 'two', seed: 2, worse: 0.1 }));
  await writeGateRun(runs, liveGateRun({ id: 'live', seed: 3, run: { state: 'interrupted' } }));
  await symlink('two', join(runs, 'latest'));
  await writeFile(join(folder, 'wrong.yaml'), 'blocks: many\n');
  await writeFile(join(folder, 'unknown.yaml'), 'scenarioz: [bridge]\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** What a person would see of one command: both outputs one after the other, and the exit code. */
async function transcript(words: readonly string[]): Promise<string> {
  const cli = [`--import=${import.meta.resolve('tsx')}`, join(root, 'bench/cli/cli.ts')];
  const { stdout, stderr, exitCode } = await execa(process.execPath, [...cli, ...words], {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1', TARE_STATE: join(folder, 'state') },
  });
  const printed = [stdout, stderr].filter((text) => text !== '').map((text) => `${text}\n`);
  return `$ tare ${words.join(' ')}\n${printed.join('')}[${exitCode}]\n`.replaceAll(folder, '/folder');
}

const help = [
  [],
  ...['check', 'run', 'compare', 'gate', 'history', 'calibrate', 'report', 'claims', 'site', 'advise'].map(
    (each) => [each],
  ),
  ...['workloads', 'lab', 'clean', 'doctor', 'setup', 'completion', 'man'].map((each) => [each]),
  ...['up', 'status', 'down'].map((each) => ['lab', each]),
].map((words) => [...words, '--help']);

const readings = [
  ['workloads'],
  ['report', 'two', '--format', 'csv'],
  ['report', 'live', '--format', 'md'],
  ['compare', 'one', 'two'],
  ['gate', 'two', '--baseline', 'one'],
  ['gate', 'live'],
  ['history', 'one', 'two'],
  ['advise', '--run', 'two'],
];

const errors = [
  ['weigh'],
  ['run', '--blocks', 'many'],
  ['run', '--blocks', '0'],
  ['run', '--profile', 'slow'],
  ['run', '--scenario', 'bridgee'],
  ['run', '--workload', 'tcp-strean'],
  ['run', '--config', 'absent.yaml'],
  ['run', '--config', 'wrong.yaml'],
  ['run', '--config', 'unknown.yaml'],
  ['run', '--colour'],
  ['completion'],
  ['completion', 'csh'],
  ['report', 'absent'],
  ['report', 'two', '--format', 'pdf'],
  ['gate', 'two'],
  ['gate', 'two', '--baseline', 'two'],
  ['gate', 'two', '--baseline', 'one', '--delta', 'much'],
];

it.each([
  ['help', help],
  ['readings', readings],
  ['errors', errors],
] as const)('the command line prints its %s', { timeout: 300_000 }, async (name, commands) => {
  const printed: string[] = [];
  // Two at a time: starting is most of the work, and a small machine has two cores.
  for (let at = 0; at < commands.length; at += 2) {
    printed.push(...(await Promise.all(commands.slice(at, at + 2).map((words) => transcript(words)))));
  }
  await expect(printed.join('\n')).toMatchFileSnapshot(`../fixtures/golden/cli-${name}.txt`);
});
