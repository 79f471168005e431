import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import { lastLine, said } from '../engine/words.ts';
import { contentOf } from './bounded-file.ts';
import { diskFull, isDiskFull, requireSpace } from './disk-space.ts';
import { changeManifest, imagesFolder, isIntact, type KeptBase, pathOf, readManifest } from './kept.ts';

/** The distribution that the images are made from where its image can't be pulled; the Dockerfiles' BASE is the same. */
const suite = 'trixie';
export const baseImageName = `tare/base:${suite}`;

// Package lists, caches and texts are of no use in a build and make up half of the tree.
const dispensable = [
  'var/cache',
  'var/lib/apt/lists',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'dev',
];

/** Keys of the distribution, from its package debian-archive-keyring. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** The tree and its tar file, with debootstrap's downloads. */
const neededBytes = 800e6;

/**
 * A minimal Debian as a tar file, made with debootstrap the first time and kept in the state folder. The signature of
 * the distribution's Release file is checked, and its digest is kept; every package is vouched for by it.
 * Whoever calls this holds the builder's lock.
 * @throws Failure `infrastructure` where debootstrap or the keys are missing, or debootstrap fails
 */
export async function keptBase(progress: (text: string) => void): Promise<KeptBase> {
  const { base } = readManifest();
  if (base && (await isIntact(base))) return base;
  if (!existsSync(keyring)) {
    throw new Failure(
      'infrastructure',
      `the keys that Debian signs with are not on this machine (${keyring})`,
      'Install them: `apt-get install debian-archive-keyring`.',
    );
  }
  requireSpace(imagesFolder(), neededBytes, 'making a base image');
  progress(`Making a minimal Debian ${suite} with debootstrap`);
  const tree = mkdtempSync(join(imagesFolder(), '.base-'));
  try {
    const made = await makeBase(tree);
    changeManifest((manifest) => ({ ...manifest, base: made }));
    return made;
  } catch (error) {
    const output = lastLine((error as { all?: string }).all ?? '') || said((error as Error).message);
    if (isDiskFull(`${output} ${(error as { all?: string }).all ?? ''}`))
      throw diskFull(imagesFolder(), neededBytes, 'making a base image', error);
    throw new Failure(
      'infrastructure',
      `a base image can neither be pulled nor made with debootstrap: ${output}`,
      'Run as root with the packages debootstrap and debian-archive-keyring installed, or load debian:trixie-slim into the engine.',
      { cause: error },
    );
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

async function makeBase(tree: string): Promise<KeptBase> {
  const file = `base-${suite}.tar`;
  // In mount and process namespaces of its own: what debootstrap mounts or starts can't be left behind.
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const trust = ['--force-check-gpg', `--keyring=${keyring}`];
  await execa('unshare', [...namespaces, 'debootstrap', ...trust, '--variant=minbase', suite, tree], {
    all: true,
    stdin: 'ignore',
  });
  const release = await releaseOf(tree);
  const exclusions = dispensable.map((path) => `--exclude=./${path}/*`);
  const fresh = `${pathOf({ file })}.new`;
  try {
    await execa('tar', ['--create', '--file', fresh, '--directory', tree, ...exclusions, '.'], { all: true });
    chmodSync(fresh, 0o600);
    const content = await contentOf(fresh);
    renameSync(fresh, pathOf({ file }));
    return { file, ...content, builtAt: new Date().toISOString(), releaseSha256: release };
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Digest of the Release file that debootstrap has checked and left among the package lists. */
async function releaseOf(tree: string): Promise<string> {
  const lists = join(tree, 'var', 'lib', 'apt', 'lists');
  const name = (await readdir(lists)).find((each) => /_(In)?Release$/.test(each));
  if (!name) throw new Error('debootstrap left no Release file');
  return (await contentOf(join(lists, name))).sha256;
}
