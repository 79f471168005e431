import { existsSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { keptBase } from '../../bench/image/base.ts';
import { pathOf } from '../../bench/image/kept.ts';
import { withLock } from '../../bench/state/lock.ts';

/** A Debian with Node and npm in it and nothing else, which shares this machine's network. */
export interface EmptyDebian {
  readonly folder: string;
  /** Runs a shell script in it, as root unless told otherwise. Rejects where it fails. */
  run(script: string, as?: { readonly user: string; readonly group: string }): Promise<string>;
  remove(): Promise<void>;
}

/** What the machine needs to reach npm's registry the way this process does. */
const certificates = process.env.NODE_EXTRA_CA_CERTS;

/** Made from the base image; needs root. */
export async function emptyDebian(): Promise<EmptyDebian> {
  const base = await withLock('builder', () => keptBase(() => undefined));
  const folder = await mkdtemp(join(tmpdir(), 'tare-chroot-'));
  await execa('tar', ['--extract', '--file', pathOf(base), '--directory', folder]);
  await chmod(folder, 0o755);
  const local = join(folder, 'usr', 'local');
  await cp(process.execPath, join(local, 'bin', 'node'));
  const npm = dirname(dirname(realpathSync(await pathOfNpm())));
  await cp(npm, join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  await writeFile(
    join(local, 'bin', 'npm'),
    '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n',
    { mode: 0o755 },
  );
  for (const file of ['/etc/resolv.conf', '/etc/hosts', ...(certificates ? [certificates] : [])]) {
    if (!existsSync(file)) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(file, join(folder, file), { dereference: true });
  }
  return {
    folder,
    async run(script, as) {
      const user = as ? [`--userspec=${as.user}:${as.user}`, `--groups=${as.group}`] : [];
      // Mounted in a namespace of its own, so nothing can stay mounted.
      const { stdout } = await execa(
        'unshare',
        [
          ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec'],
          'folder=$1; shift; mount --bind /dev "$folder/dev"; mount -t proc proc "$folder/proc"; exec chroot "$@"',
          ...['sh', folder, ...user, folder, 'sh', '-ec', script],
        ],
        {
          extendEnv: false,
          env: {
            PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            HOME: as ? `/home/${as.user}` : '/root',
            ...(certificates && { NODE_EXTRA_CA_CERTS: certificates, npm_config_cafile: certificates }),
          },
          stdin: 'ignore',
        },
      );
      return stdout;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function pathOfNpm(): Promise<string> {
  return (await execa('sh', ['-c', 'command -v npm'])).stdout;
}
