import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { withLock } from '../state/lock.ts';
import { stateSubfolder } from '../state/state.ts';
import { workFolder } from './machine-folders.ts';
import { type PackageVersions, unpackPackages } from './packages.ts';

/** The suite that every machine's emulator and tools are from, whatever is inside the machine. */
const suite = 'trixie';
const wanted = ['qemu-system-x86', 'qemu-utils', 'e2fsprogs', 'cpio', 'xz-utils', 'kmod', 'busybox-static'];

/** The emulator and what disks are made with, in a tree of its own: nothing of them need be installed here. */
export interface Emulator {
  readonly folder: string;
  readonly packages: PackageVersions;
  /** The emulator's own package and version, such as `qemu-system-x86=1:10.0.13+ds-0+deb13u1`. */
  readonly version: string;
  /** The command line that runs a program of the tree with the tree's own loader and libraries. */
  argv(program: string, ...rest: readonly string[]): string[];
  /** Runs it. @returns what it printed @throws where it fails */
  run(program: string, ...rest: readonly string[]): Promise<string>;
}

const manifestSchema = z.strictObject({
  packages: z.record(z.string().max(200), z.string().max(200)),
});

/**
 * The emulator's tree in the state folder, fetched the first time.
 * @throws Failure `usage` on a machine of another kind, `infrastructure` where it can't be fetched
 */
export async function ensureEmulator(
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<Emulator> {
  refuseOtherMachines();
  const key = createHash('sha256')
    .update(JSON.stringify([suite, wanted]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(stateSubfolder('machine'), `emulator-${key}`);
  const fetch = async () => {
    if (existsSync(folder)) return;
    progress(`Fetching the emulator of Debian ${suite}`);
    const fresh = workFolder();
    try {
      const { packages } = await unpackPackages({ suite, names: wanted, signal }, join(fresh, 'root'));
      writeFileSync(join(fresh, 'packages.json'), `${JSON.stringify({ packages }, null, 2)}\n`);
      renameSync(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  };
  if (!existsSync(folder)) await withLock('machine-emulator', fetch, { progress, signal });
  return emulatorIn(folder);
}

function refuseOtherMachines(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new Failure(
    'usage',
    `a counted machine is an emulated x86-64 on Linux for x86-64, and this is ${process.platform} on ${process.arch}`,
    'Measure by the clock on the wall, without --machine, or on another machine.',
  );
}

function emulatorIn(folder: string): Emulator {
  const { packages } = manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'packages.json'), 'utf8')));
  const root = join(folder, 'root');
  const libraries = join(root, 'usr', 'lib', 'x86_64-linux-gnu');
  const loader = [join(libraries, 'ld-linux-x86-64.so.2'), '--library-path', libraries];
  const package_ = 'qemu-system-x86';
  const argv = (program: string, ...rest: readonly string[]): string[] => {
    const path = ['bin', 'sbin'].map((each) => join(root, 'usr', each, program)).find(existsSync);
    if (path === undefined) {
      throw new Failure(
        'infrastructure',
        `the emulator’s folder ${folder} has no ${program}`,
        'Remove that folder: it is fetched anew.',
      );
    }
    return [...loader, path, ...rest];
  };
  return {
    folder: root,
    packages,
    version: `${package_}=${packages[package_]}`,
    argv,
    async run(program, ...rest) {
      const [file, ...words] = argv(program, ...rest);
      return (await execa(file as string, words, { stdin: 'ignore' })).stdout;
    },
  };
}
