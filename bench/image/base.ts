import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import { stateSubfolder } from '../state/state.ts';

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

/**
 * A minimal Debian as a tar file, made with debootstrap the first time and kept in the state folder.
 * @throws Failure `infrastructure` where debootstrap is missing or fails
 */
export async function baseTar(progress: (text: string) => void): Promise<string> {
  const folder = stateSubfolder('images');
  const tar = join(folder, `base-${suite}.tar`);
  if (existsSync(tar)) return tar;
  progress(`Making a minimal Debian ${suite} with debootstrap`);
  const tree = mkdtempSync(join(folder, '.base-'));
  try {
    // In mount and process namespaces of its own: what debootstrap mounts or starts can't be left behind.
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    await execa('unshare', [...namespaces, 'debootstrap', '--variant=minbase', suite, tree], {
      all: true,
      stdin: 'ignore',
    });
    const exclusions = dispensable.map((path) => `--exclude=./${path}/*`);
    await execa('tar', ['--create', '--file', `${tar}.new`, '--directory', tree, ...exclusions, '.']);
    renameSync(`${tar}.new`, tar);
  } catch (error) {
    const output = (error as { all?: string }).all?.trim().split('\n').at(-1) ?? (error as Error).message;
    throw new Failure(
      'infrastructure',
      `a base image can neither be pulled nor made with debootstrap: ${output}`,
      'Run as root with the debootstrap package installed, or load debian:trixie-slim into the engine.',
      { cause: error },
    );
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  return tar;
}
