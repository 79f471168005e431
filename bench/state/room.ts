import { mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { wordsOfFileFault } from '../../results/file-fault.ts';
import { stateFolder } from './state.ts';

const megabyte = 1e6;

/** A folder that something will be written to, whether it is there yet or not. */
export interface Needed {
  readonly path: string;
  /** What it is, for messages: `the run's folder (--out)`. */
  readonly what: string;
  /** Free bytes that it must have. */
  readonly bytes: number;
  /** How to choose another. */
  readonly remedy: string;
}

/** What a run writes to: its own folder, the state folder, and the folder for temporary files. */
export function neededByRun(runFolder: string): Needed[] {
  const own = {
    path: runFolder,
    what: 'the run’s folder',
    bytes: 100 * megabyte,
    remedy: 'Choose another with --out.',
  };
  return [own, ...neededByEngines()];
}

/** What engines and labs of Tare's own are made in. */
export function neededByEngines(): Needed[] {
  return [
    {
      path: stateFolder(),
      what: 'the state folder',
      bytes: 200 * megabyte,
      remedy: 'Choose another with TARE_STATE.',
    },
    {
      path: tmpdir(),
      what: 'the folder for temporary files',
      bytes: 20 * megabyte,
      remedy: 'Choose another with TMPDIR.',
    },
  ];
}

/**
 * Makes sure, before anything is started, that folders can be written to and have room; nothing stays in them.
 * @throws Failure that names the path and why: `usage` where it can't be written to, `infrastructure` where it is full
 */
export function ensureRoom(needed: readonly Needed[]): void {
  for (const each of needed) {
    const there = nearest(each);
    refuseUnwritable(each, there);
    const { bavail, bsize } = statfsSync(there);
    const free = bavail * bsize;
    if (free >= each.bytes) continue;
    throw tooFull(each, `has ${inMegabytes(free)} free, and ${inMegabytes(each.bytes)} are needed`);
  }
}

/** The folder itself, or the deepest one above it that is there. */
function nearest(needed: Needed): string {
  for (let path = resolve(needed.path); ; path = dirname(path)) {
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code === 'ENOENT' || code === 'ENOTDIR') && path !== dirname(path)) continue;
      throw unwritable(needed, wordsOfFileFault(error), error);
    }
    if (isFolder) return path;
    throw unwritable(needed, `${path} is a file`);
  }
}

/** By writing: permissions tell root nothing, and a file system may be read-only. */
function refuseUnwritable(needed: Needed, there: string): void {
  let probe: string | undefined;
  try {
    probe = mkdtempSync(join(there, '.tare-'));
    writeFileSync(join(probe, 'room'), 'room');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const words = wordsOfFileFault(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw tooFull(needed, `is full (${words})`);
    throw unwritable(needed, words, error);
  } finally {
    if (probe !== undefined) rmSync(probe, { recursive: true, force: true });
  }
}

function unwritable({ path, what, remedy }: Needed, cause: string, error?: unknown): Failure {
  return new Failure('usage', `${what} ${path} can’t be written to: ${cause}`, remedy, { cause: error });
}

function tooFull({ path, what, remedy }: Needed, how: string): Failure {
  return new Failure('infrastructure', `${what} ${path} ${how}`, `Make room there. ${remedy}`);
}

const inMegabytes = (bytes: number): string => `${Math.floor(bytes / megabyte)} MB`;
