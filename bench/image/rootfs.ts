import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { stateSubfolder } from '../state/state.ts';
import { theImage, withContainer } from './inspect.ts';
import { imageName, toolboxRecipe } from './recipe.ts';
import { unpack } from './unpack.ts';

/** A toolbox is 45 MB in 1,500 files. */
const limits = { mostBytes: 256e6, mostEntries: 20_000 };

/**
 * The files of the toolbox image on this machine, taken out of an engine the first time: `bare` runs the very programs
 * that the containers run. They are run as this user, so they are taken only from an engine of this machine.
 * @param machine boot id of the engine's kernel, as read in a container of it
 * @returns the folder that is the image's root; undefined where the engine is on another machine
 * @throws Failure `infrastructure` where what the engine sends is no toolbox
 */
export async function toolboxRootfs(
  engine: Engine,
  machine: string,
  name = imageName(toolboxRecipe),
): Promise<string | undefined> {
  // A socket may lead to another machine, and a boot id be made up; who has both right has this machine.
  if (!engine.url.startsWith('unix:') || machine !== ownBootId()) return undefined;
  const { id } = await theImage(engine, name);
  const parent = stateSubfolder('rootfs');
  const folder = join(parent, id.replace('sha256:', ''));
  if (existsSync(folder)) return folder;
  const what = `the root file system of ${name} on ${engine.name}`;
  return withContainer(engine, name, async (container) => {
    const fresh = await unpack(await container.export(), parent, { ...limits, what });
    try {
      renameSync(fresh, folder);
    } catch (error) {
      // Another process may have been first; then its files are as good.
      if (!existsSync(folder)) throw error;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    return folder;
  });
}

const ownBootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

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
  // A link of the image's may point anywhere once it is looked at from here.
  if (!realpathSync(path).startsWith(realpathSync(rootfs) + sep)) {
    throw new Error(`the toolbox's program "${program}" is a link that leads out of it`);
  }
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
