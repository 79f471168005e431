import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { acquireEngine } from '../../bench/engine/acquire-engine.ts';
import { connectEngine } from '../../bench/engine/connect.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { startIsolatedEngine, stopIsolatedEngine } from '../../bench/engine/isolated-engine.ts';
import { labels } from '../../bench/engine/labels.ts';
import { loadTar } from '../../bench/image/build.ts';
import { ensureNodeImage, ensureToolbox } from '../../bench/image/image.ts';
import { stateSubfolder } from '../../bench/state/state.ts';
import { packInitrd, type SecondKernel } from './emulator.ts';

export interface GuestDisk {
  /** An ext4 image that guests boot from, each with a throw-away layer of its own. */
  readonly disk: string;
  readonly initrd: string;
}

const guestInit = fileURLToPath(new URL('guest-init.sh', import.meta.url));

/**
 * The disk of the guests, made natively because a guest is slow: the lab's engine image as root, the second kernel's
 * modules, and the toolbox image already loaded. Kept until one of these changes.
 */
export async function guestDisk(kernel: SecondKernel): Promise<GuestDisk> {
  const acquired = await acquireEngine({ progress: () => undefined });
  try {
    const { engine } = acquired;
    const toolbox = await ensureToolbox(engine, () => undefined);
    const node = await ensureNodeImage(engine, () => undefined);
    const parts = [toolbox.name, node, kernel.version, readFileSync(guestInit, 'utf8')];
    const sources = ['guest-disk.ts', 'initrd-init.sh'].map((name) =>
      readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8'),
    );
    const key = createHash('sha256')
      .update([...parts, ...sources].join('\0'))
      .digest('hex')
      .slice(0, 12);
    const folder = join(stateSubfolder('kernel'), `disk-${key}`);
    if (!existsSync(folder)) {
      for (const old of readdirSync(stateSubfolder('kernel'))) {
        if (old.startsWith('disk-')) rmSync(join(stateSubfolder('kernel'), old), { recursive: true });
      }
      await makeDisk(folder, engine, { toolbox: toolbox.name, node }, kernel);
    }
    return { disk: join(folder, 'disk.img'), initrd: join(folder, 'initrd.gz') };
  } finally {
    await acquired.release();
  }
}

async function makeDisk(
  folder: string,
  engine: Engine,
  images: { readonly toolbox: string; readonly node: string },
  kernel: SecondKernel,
): Promise<void> {
  const fresh = mkdtempSync(join(stateSubfolder('kernel'), '.disk-'));
  const root = join(fresh, 'root');
  try {
    await mkdir(root);
    await unpackImage(engine, images.node, root);
    const data = await preloaded(engine, images.toolbox);
    await mkdir(join(root, 'var', 'lib'), { recursive: true });
    rmSync(join(root, 'var', 'lib', 'docker'), { recursive: true, force: true });
    renameSync(data, join(root, 'var', 'lib', 'docker'));
    for (const name of ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'usr/local/sbin', 'usr/lib/modules']) {
      await mkdir(join(root, name), { recursive: true });
    }
    await cp(kernel.modules, join(root, 'usr', 'lib', 'modules', kernel.version), {
      recursive: true,
      verbatimSymlinks: true,
    });
    // The older tables: a rule costs half of what it costs through nf_tables, and dockerd sets dozens.
    for (const family of ['iptables', 'ip6tables']) {
      for (const name of [family, `${family}-save`, `${family}-restore`]) {
        symlinkSync('/usr/sbin/xtables-legacy-multi', join(root, 'usr', 'local', 'sbin', name));
      }
    }
    writeFileSync(join(root, 'guest-init.sh'), readFileSync(guestInit), { mode: 0o755 });
    const disk = join(fresh, 'disk.img');
    writeFileSync(disk, '');
    truncateSync(disk, 6 * 2 ** 30);
    // Guests throw their writes away, so a journal would protect nothing.
    await execa('mke2fs', ['-q', '-F', '-t', 'ext4', '-O', '^has_journal', '-d', root, disk]);
    await packInitrd(kernel, join(root, 'usr', 'bin', 'busybox'), join(fresh, 'initrd.gz'));
    rmSync(root, { recursive: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function unpackImage(engine: Engine, image: string, folder: string): Promise<void> {
  const container = await engine.docker.createContainer({ Image: image, Labels: labels('guest-disk') });
  try {
    await execa('tar', ['--extract', '--directory', folder, '--exclude=dev/*'], {
      input: (await container.export()) as never,
    });
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/** The data folder of an engine that holds one image. */
async function preloaded(from: Engine, image: string): Promise<string> {
  const folder = stateSubfolder('kernel/preload');
  rmSync(join(folder, 'data'), { recursive: true, force: true });
  const dockerdOptions = [
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--storage-driver=overlay2',
  ];
  const { url } = await startIsolatedEngine({ folder, network: 'own', tied: true, dockerdOptions });
  try {
    const engine = await connectEngine(url, { name: 'the preloader', ownership: 'private' });
    await loadTar(engine, await from.docker.getImage(image).get());
  } finally {
    await stopIsolatedEngine(folder);
  }
  // What this engine knows of itself and its networks must not be the guests': two engines with one id are one.
  for (const name of ['engine-id', 'network', 'containerd', 'runtimes', 'swarm', 'tmp']) {
    rmSync(join(folder, 'data', name), { recursive: true, force: true });
  }
  return join(folder, 'data');
}
