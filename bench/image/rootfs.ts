import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Engine } from '../engine/engine.ts';
import { labels } from '../engine/labels.ts';
import { stateSubfolder } from '../state/state.ts';
import { imageName, toolboxRecipe } from './recipe.ts';

/**
 * The files of the toolbox image on this machine, taken out of an engine the first time: `bare` runs the very programs
 * that the containers run.
 * @returns the folder that is the image's root
 */
export async function toolboxRootfs(engine: Engine, name = imageName(toolboxRecipe)): Promise<string> {
  const { docker } = engine;
  const { Id: id } = await docker.getImage(name).inspect();
  const parent = stateSubfolder('rootfs');
  const folder = join(parent, id.replace('sha256:', '').slice(0, 12));
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(join(parent, '.new-'));
  const container = await docker.createContainer({ Image: name, Labels: labels('image') });
  try {
    const files = await container.export();
    await execa('tar', ['--extract', '--directory', fresh, '--exclude=dev/*', '--no-same-owner'], {
      input: files as never,
    });
    renameSync(fresh, folder);
  } catch (error) {
    // Another process may have been first; then its files are as good.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    await container.remove({ force: true });
  }
  return folder;
}

/** Versions of the image's tools by package, as the image itself lists them. */
export async function toolVersions(rootfs: string): Promise<Record<string, string>> {
  const lines = (await readFile(join(rootfs, 'etc', 'tare-tools'), 'utf8')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' ') as [string, string]));
}

/**
 * The command line that runs a program of the image on this machine, with the image's own loader and libraries.
 * @param argv the program by name, as it would be found by PATH in the image, and its arguments
 */
export function nativeArgv(rootfs: string, argv: readonly string[]): string[] {
  const [program, ...rest] = argv;
  if (program === undefined) throw new Error('no program given');
  const path = ['usr/sbin', 'usr/bin']
    .map((folder) => join(rootfs, folder, program))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`the toolbox has no program "${program}"`);
  const loader = loaderOf(rootfs);
  if (!usesLoader(path)) return [path, ...rest];
  const libraries = readdirSync(join(rootfs, 'usr', 'lib'))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(rootfs, 'usr', 'lib', name));
  return [loader, '--library-path', libraries.join(':'), path, ...rest];
}

function loaderOf(rootfs: string): string {
  const names = ['lib64/ld-linux-x86-64.so.2', 'lib/ld-linux-aarch64.so.1'];
  const found = names.map((name) => join(rootfs, name)).find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`the toolbox in ${rootfs} has no loader`);
  return found;
}

/** A dynamic program names its loader within its first few hundred bytes; static ones and scripts run by themselves. */
function usesLoader(path: string): boolean {
  const start = Buffer.alloc(4096);
  const file = openSync(realpathSync(path), 'r');
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.includes('/ld-linux');
}
