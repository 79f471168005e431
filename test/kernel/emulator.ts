import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { stateSubfolder } from '../../bench/state/state.ts';

/**
 * QEMU without hardware virtualisation, and Debian's cloud kernel: it has the ESP, GCM, VXLAN and ipvlan that a machine's
 * own kernel may lack. User Mode Linux has them too, but took twice the CPU time per program started, and starved on a
 * busy machine, because each of its system calls hands the processor from one process to another.
 */
export const emulator = 'qemu-system-x86_64';

const kernelPackage = 'linux-image-cloud-amd64';

export interface SecondKernel {
  readonly version: string;
  readonly image: string;
  /** Its `VERSION` folder of modules. */
  readonly modules: string;
}

/** Why no second kernel can be booted here; undefined where one can. */
export function whyNoSecondKernel(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the second kernel is a Linux for x86-64, emulated on Linux, and this is ${process.platform} on ${process.arch}`;
  }
  if (process.getuid?.() !== 0) return 'only root can prepare the disk of the second kernel';
  const wanted = [emulator, 'apt-get', 'dpkg', 'mke2fs', 'depmod', 'modprobe', 'dockerd'];
  const missing = wanted.filter((program) => !isOnPath(program));
  return missing.length > 0 ? `the second kernel needs ${missing.join(', ')}` : undefined;
}

function isOnPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

/** The kernel from the distribution's package, unpacked in the state folder the first time. */
export async function secondKernel(): Promise<SecondKernel> {
  const folder = join(stateSubfolder('kernel'), 'linux');
  if (!existsSync(folder)) {
    const fresh = mkdtempSync(join(stateSubfolder('kernel'), '.linux-'));
    try {
      await execa('apt-get', ['download', await newestKernelPackage()], { cwd: fresh });
      const file = readdirSync(fresh).find((name) => name.endsWith('.deb')) as string;
      await execa('dpkg', ['--extract', file, '.'], { cwd: fresh });
      rmSync(join(fresh, file));
      const [version] = readdirSync(join(fresh, 'lib', 'modules'));
      await execa('depmod', ['--basedir', fresh, version as string]);
      renameSync(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  const [version] = readdirSync(join(folder, 'lib', 'modules'));
  if (!version) throw new Error(`${folder} holds no kernel: remove it, and it is fetched anew`);
  return {
    version,
    image: join(folder, 'boot', `vmlinuz-${version}`),
    modules: join(folder, 'lib', 'modules', version),
  };
}

/** The package that the distribution's kernel package stands for now. */
async function newestKernelPackage(): Promise<string> {
  const { stdout } = await execa('apt-cache', ['depends', kernelPackage]);
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (!name) throw new Error(`apt knows no ${kernelPackage}: run \`apt-get update\``);
  return name;
}

/** Modules that the guest needs before it has its disk. */
const firstModules = ['virtio_pci', 'virtio_blk', 'virtio_net'];

/**
 * Packs the initial RAM disk: a shell, the drivers of disk and network in the order in which they must be loaded.
 * @param busybox a statically linked one
 */
export async function packInitrd(kernel: SecondKernel, busybox: string, file: string): Promise<void> {
  const tree = mkdtempSync(join(stateSubfolder('kernel'), '.initrd-'));
  try {
    for (const folder of ['bin', 'dev', 'modules', 'root']) await mkdir(join(tree, folder));
    await cp(busybox, join(tree, 'bin', 'busybox'));
    await cp(busybox, join(tree, 'bin', 'sh'));
    const script = await readFile(fileURLToPath(new URL('initrd-init.sh', import.meta.url)));
    await writeFile(join(tree, 'init'), script, { mode: 0o755 });
    for (const [index, module] of (await inLoadingOrder(kernel)).entries()) {
      const name = `${String(index).padStart(2, '0')}-${module.split('/').at(-1)}`;
      await cp(module, join(tree, 'modules', name));
    }
    const archive = await execa(busybox, ['sh', '-c', 'busybox find . | busybox cpio -o -H newc'], {
      cwd: tree,
      encoding: 'buffer',
      env: { PATH: join(tree, 'bin') },
    });
    await writeFile(file, gzipSync(archive.stdout, { level: 1 }));
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

async function inLoadingOrder(kernel: SecondKernel): Promise<string[]> {
  const base = join(kernel.modules, '..', '..', '..');
  const files: string[] = [];
  for (const module of firstModules) {
    const shown = await execa('modprobe', [
      ...['--dirname', base, '--set-version', kernel.version],
      ...['--show-depends', module],
    ]);
    files.push(...[...shown.stdout.matchAll(/^insmod (\S+)/gm)].map((match) => match[1] as string));
  }
  return [...new Set(files)];
}
