import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folders, importFaults, readModules, rooms } from '../import-graph.ts';

/** What is wrong in a package of these files alone: path to text. */
async function faultsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'tare-imports-'));
  try {
    for (const folder of folders) await mkdir(join(root, folder));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return importFaults(readModules(root));
  } finally {
    await rm(root, { recursive: true });
  }
}

describe('who imports whom', () => {
  it('is as it should be, in every source there is', () => {
    const modules = readModules(resolve(import.meta.dirname, '../..'));
    expect(importFaults(modules)).toEqual([]);
    // A reader that can't read the language's newest syntax finds few files, and nothing wrong with them.
    expect(modules.length).toBeGreaterThan(300);
    const trial = modules.find(({ path }) => path === 'bench/run/trial.ts');
    expect(trial?.imports).toContain('bench/witness/path-watcher.ts');
  });

  it.each([
    ['a value', "import { above } from '../run/above.ts';"],
    ['a type', "import type { Above } from '../run/above.ts';"],
    ['a type among values', "import { type Above } from '../run/above.ts';"],
    ['a type named in place', "export type Below = import('../run/above.ts').Above;"],
    ['what is loaded later', "export const below = () => import('../run/above.ts');"],
    ['what is passed on', "export { above } from '../run/above.ts';"],
    ['types that are passed on', "export type * from '../run/above.ts';"],
    ['what is done by loading it', "import '../run/above.ts';"],
  ])('must not run up: %s', async (_, text) => {
    const above = 'export const above = 1;\nexport type Above = 1;';
    expect(await faultsOf({ 'bench/site/below.ts': text, 'bench/run/above.ts': above })).toEqual([
      'bench/site/below.ts imports bench/run/above.ts: imports run down only, and site stands below run',
    ]);
  });

  it('must not go in a circle, types or not', async () => {
    expect(
      await faultsOf({
        'bench/run/one.ts': "import { two } from './two.ts';\nexport const one = two;",
        'bench/run/two.ts': "import { three } from './parts/three.ts';\nexport const two = three;",
        'bench/run/parts/three.ts':
          "import type { one } from '../one.ts';\nexport const three: typeof one = 3;",
        'bench/run/beside.ts': "import { one } from './one.ts';\nexport const beside = one;",
      }),
    ).toEqual([
      'a circle of imports: bench/run/one.ts → bench/run/two.ts → bench/run/parts/three.ts → bench/run/one.ts',
    ]);
  });

  it.each(['bench/loose.ts', 'bench/helpers/text.ts', 'bench/helpers/more/text.mjs'])(
    'tells of %s, which stands in no room',
    async (path) => {
      expect(await faultsOf({ [path]: 'export {};' })).toEqual([
        `${path} stands in no room: move it into one, or name its room in test/import-graph.ts`,
      ]);
    },
  );

  it.each([
    ['drivers/one.ts', "import type Docker from 'dockerode';", 'drivers knows no Docker client'],
    ['reports/one.ts', "import { bridge } from '../drivers/bridge.ts';", 'reports imports results alone'],
    ['results/one.ts', "import { bar } from '../reports/bar.ts';", 'results imports results alone'],
    ['bench/studies/one.ts', "import { rig } from '../../test/rig.ts';", 'only tests import tests'],
    ['bench/cli/one.ts', "import { study } from '../studies/study.ts';", 'studies is imported by no room'],
    ['bench/setup/one.mjs', "import { state } from '../state/state.ts';", 'setup imports nothing of ours'],
    ['bench/cli/one.ts', "import { setup } from '../setup/setup.mjs';", 'setup is imported by no room'],
  ])('refuses in %s: %s', async (path, text, says) => {
    expect(await faultsOf({ [path]: text })).toEqual([expect.stringContaining(says)]);
  });

  it('lets studies import every room, and tests what they test', async () => {
    expect(
      await faultsOf({
        'bench/studies/one.ts': "import { cli } from '../cli/cli.ts';\nexport const one = cli;",
        'bench/cli/cli.ts': "import { bar } from '../../results/bar.ts';\nexport const cli = bar;",
        'results/bar.ts': 'export const bar = 1;',
        'test/unit/one.test.ts': "import { one } from '../../bench/studies/one.ts';\none;",
      }),
    ).toEqual([]);
  });

  it.each([
    ['bench/cli/one.ts', 'export const one = (path: string) => import(path);', /can't be told from its text/],
    ['bench/cli/one.ts', 'export const = 1;', /^bench\/cli\/one\.ts: /],
  ])('is not guessed where %s says %s', async (path, text, says) => {
    await expect(faultsOf({ [path]: text })).rejects.toThrow(says);
  });
});

it('the rooms are told of in docs/architecture.md, from the top down', async () => {
  const text = await readFile(resolve(import.meta.dirname, '../../docs/architecture.md'), 'utf8');
  const table = text.slice(text.indexOf('| room |'), text.indexOf('`reports`, `drivers` and'));
  expect([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, room]) => room)).toEqual(rooms);
});
