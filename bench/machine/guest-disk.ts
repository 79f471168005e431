import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../state/package-root.ts';
import { compiled, guestAgentProgram } from './compile.ts';
import type { Emulator } from './emulator.ts';
import { workFolder } from './machine-folders.ts';
import { inShell, type PackageVersions, unpackPackages } from './packages.ts';
import type { Recipe } from './recipe.ts';

/** What a guest boots from. */
export interface GuestFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** An ext4 file system in a qcow2 file, which is as large as what is in it wherever it is carried. */
  readonly disk: string;
}

/** What the guests' own files are called in the guests' folder. */
export const guestFiles: GuestFiles = { kernel: 'vmlinuz', initrd: 'initrd', disk: 'disk.qcow2' };

/** Drivers of disk, network and ports, in the order in which they are loaded. */
const firstModules = ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_console', 'ext4'];
// A shell of its own, since busybox's puts its own `ip` before the real one.
const inside = [
  ...['docker.io', 'iptables', 'iproute2', 'kmod'],
  ...['mount', 'util-linux', 'dash', 'busybox-static'],
];
const kernelPackage = 'linux-image-cloud-amd64';
/** So much may lie in a disk; what is not written takes no room. */
const diskBytes = 8 * 2 ** 30;

/** All that is done once to a given root file system has this time, so that two disks of one content are equal. */
const epochSeconds = 1_735_689_600; // 2025-01-01T00:00:00Z
/** Of the file system and of the hashes of its folders, instead of random ones. */
const fileSystemId = '7a7e0000-0000-4000-8000-000000000001';

/** The folder with what runs in every guest. */
export const guestSources = () => join(packageRoot(), 'bench', 'machine', 'guest');

/**
 * Makes kernel, initial RAM disk and disk of a recipe, natively and without Docker: the packages of two suites, the init
 * of a guest, and what the recipe says.
 * @param folder new files go there, called as `guestFiles`
 * @returns all packages in it
 */
export async function makeGuestFiles(
  recipe: Recipe,
  emulator: Emulator,
  folder: string,
  signal: AbortSignal,
): Promise<PackageVersions> {
  const work = workFolder();
  try {
    const [root, kernel] = await Promise.all([
      unpackPackages({ suite: recipe.docker, names: inside, signal }, join(work, 'root')),
      unpackPackages(
        { suite: recipe.kernel, names: [kernelPackage], only: /^linux-(image|binary|modules)-/, signal },
        join(work, 'kernel'),
      ),
    ]);
    const version = await prepareKernel(kernel.folder, emulator);
    await cp(kernelImage(kernel.folder, version), join(folder, guestFiles.kernel));
    await prepareRoot(root.folder, recipe);
    await cp(
      join(kernel.folder, 'usr', 'lib', 'modules', version),
      join(root.folder, 'usr', 'lib', 'modules', version),
      { recursive: true, verbatimSymlinks: true },
    );
    await packInitrd(root.folder, kernel.folder, version, emulator, join(folder, guestFiles.initrd));
    await packDisk(root.folder, emulator, join(folder, guestFiles.disk));
    return { ...kernel.packages, ...root.packages };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Modules are unpacked and indexed here, where that is quick. @returns the kernel's version */
async function prepareKernel(tree: string, emulator: Emulator): Promise<string> {
  const [version] = readdirSync(join(tree, 'usr', 'lib', 'modules'));
  if (version === undefined) throw new Error(`the kernel’s packages hold no modules`);
  await inShell(`find "$1" -name '*.ko.xz' -print0 | xargs --null --no-run-if-empty "\${@:2}" --decompress`, [
    join(tree, 'usr', 'lib', 'modules'),
    ...emulator.argv('xz'),
  ]);
  await emulator.run('depmod', '--basedir', tree, version);
  return version;
}

/** Packages of Linux 7 and later have it beside its modules. */
function kernelImage(tree: string, version: string): string {
  const places = [
    join(tree, 'boot', `vmlinuz-${version}`),
    join(tree, 'usr', 'lib', 'modules', version, 'vmlinuz'),
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`the kernel’s packages hold no image of ${version}`);
  return found;
}

async function prepareRoot(root: string, recipe: Recipe): Promise<void> {
  for (const name of [
    'dev',
    'proc',
    'sys',
    'run',
    'tmp',
    'root',
    'etc/docker',
    'var/lib/docker',
    'var/log',
  ]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  for (const name of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'var/run']) {
    rmSync(join(root, name), { recursive: true, force: true });
  }
  symlinkSync('../run', join(root, 'var', 'run'));
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\n');
  // Without one, containers would be given name servers on the internet.
  writeFileSync(join(root, 'etc', 'resolv.conf'), '');
  writeFileSync(join(root, 'etc', 'hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(root, 'etc', 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  // What the packages' scripts would have done.
  for (const family of ['iptables', 'ip6tables']) {
    for (const name of [family, `${family}-save`, `${family}-restore`]) {
      rmSync(join(root, 'usr', 'sbin', name), { force: true });
      symlinkSync(`xtables-${recipe.tables}-multi`, join(root, 'usr', 'sbin', name));
    }
  }
  const busybox = join(root, 'usr', 'bin', 'busybox');
  const { stdout } = await execa(busybox, ['--list']);
  for (const applet of stdout.split('\n')) {
    const there = ['bin', 'sbin'].some((folder) => existsSync(join(root, 'usr', folder, applet)));
    if (!there && /^[a-z0-9_[-]+$/.test(applet)) symlinkSync('busybox', join(root, 'usr', 'bin', applet));
  }
  const own = join(root, 'tare');
  mkdirSync(own);
  for (const name of readdirSync(guestSources())) {
    await cp(join(guestSources(), name), join(own, name));
    chmodSync(join(own, name), 0o755);
  }
  await cp(await compiled(guestAgentProgram), join(own, 'agent'));
  writeFileSync(join(root, 'etc', 'docker', 'daemon.json'), `${JSON.stringify(recipe.daemon)}\n`);
  const sysctls = Object.entries(recipe.sysctls).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(own, 'sysctls'), sysctls.map(([name, value]) => `${name} ${value}\n`).join(''));
}

async function packInitrd(
  root: string,
  kernelTree: string,
  version: string,
  emulator: Emulator,
  file: string,
): Promise<void> {
  const tree = join(root, '..', 'initrd');
  for (const name of ['bin', 'dev', 'modules', 'root']) mkdirSync(join(tree, name), { recursive: true });
  for (const name of ['busybox', 'sh'])
    await cp(join(root, 'usr', 'bin', 'busybox'), join(tree, 'bin', name));
  await cp(join(guestSources(), 'initrd-init.sh'), join(tree, 'init'));
  chmodSync(join(tree, 'init'), 0o755);
  const modules = await inLoadingOrder(kernelTree, version, emulator);
  for (const [index, module] of modules.entries()) {
    await cp(module, join(tree, 'modules', `${String(index).padStart(2, '0')}-${basename(module)}`));
  }
  await inShell(
    `cd "$1"; find . -exec touch --no-dereference --date=@${epochSeconds} {} +
     find . -print0 | LC_ALL=C sort --zero-terminated | "\${@:3}" --null --create --format=newc --reproducible --owner=0:0 --quiet | gzip -n -1 > "$2"`,
    [tree, file, ...emulator.argv('cpio')],
  );
}

async function inLoadingOrder(kernelTree: string, version: string, emulator: Emulator): Promise<string[]> {
  const files: string[] = [];
  for (const module of firstModules) {
    const [program, ...words] = emulator.argv(
      ...(['modprobe', '--dirname', kernelTree, '--set-version', version, '--show-depends', module] as const),
    );
    // One that is built in is none to load.
    const shown = await execa(program as string, words, { reject: false });
    files.push(...[...shown.stdout.matchAll(/^insmod (\S+)/gm)].map((match) => match[1] as string));
  }
  return [...new Set(files)];
}

async function packDisk(root: string, emulator: Emulator, file: string): Promise<void> {
  const disk = join(root, '..', 'disk.img');
  writeFileSync(disk, '', { mode: 0o600 });
  truncateSync(disk, diskBytes);
  const options = [
    // Guests' writes go elsewhere and are thrown away, so a journal would protect nothing.
    ...['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-m', '0', '-I', '256'],
    ...['-U', fileSystemId, '-E', `root_owner=0:0,hash_seed=${fileSystemId},lazy_itable_init=0`],
    ...['-d', root, disk],
  ];
  await inShell(
    `find "$1" -newermt @${epochSeconds} -exec touch --no-dereference --date=@${epochSeconds} {} +
     SOURCE_DATE_EPOCH=${epochSeconds} "\${@:2}"`,
    [root, ...emulator.argv('mke2fs', ...options)],
  );
  await emulator.run('qemu-img', 'convert', '-q', '-f', 'raw', '-O', 'qcow2', disk, file);
}

/** The text of what runs in every guest, for a recipe's identity. */
export function guestSourceTexts(): Readonly<Record<string, string>> {
  const names = readdirSync(guestSources()).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(guestSources(), name), 'utf8')]));
}
