import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { stateSubfolder } from './state.ts';
import { waitingFor } from './waits.ts';

export interface LockOptions {
  /** Hears for whom is waited, once that has lasted. */
  readonly progress?: ((text: string) => void) | undefined;
  /** Ends the waiting. What gives something back waits without one: it is done however the command ends. */
  readonly signal?: AbortSignal | undefined;
}

/** So long nobody needs to know. */
const quietMillis = 2000;

const holderSchema = z.strictObject({
  pid: z.number().int(),
  command: z.string().max(100),
  since: z.iso.datetime(),
});

/**
 * Runs one thing at a time across all processes that share the state folder. The lock is held by `flock` on a pipe
 * from this process, so the kernel frees it however this process ends.
 * @throws the signal's reason where it came while waiting; Failure `infrastructure` where there is no `flock`
 */
export async function withLock<T>(
  name: string,
  action: () => Promise<T>,
  { progress, signal }: LockOptions = {},
): Promise<T> {
  const file = join(stateSubfolder('locks'), name);
  const holder = `${file}.holder`;
  signal?.throwIfAborted();
  const flock = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in our process group: Ctrl-C must not free the lock while this process still cleans up.
    detached: true,
  });
  // Told by `ended`; a lock that is given up may break the pipe.
  flock.stdin.on('error', () => undefined);
  const ended = new Promise<Error | undefined>((resolve) => {
    flock.once('error', resolve);
    flock.once('exit', () => resolve(undefined));
  });
  const held = Promise.race([
    once(flock.stdout, 'data'),
    ended.then((error) => {
      throw lockFailure(file, error);
    }),
  ]);
  const stop = () => flock.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await waitingFor(
      'other',
      () => describe(name, holder),
      () => patiently(held, () => progress?.(`Waiting for ${describe(name, holder)}`)),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  writeFileSync(holder, JSON.stringify({ pid: process.pid, command: ownCommand(), since: new Date() }));
  try {
    return await action();
  } finally {
    rmSync(holder, { force: true });
    flock.stdin.end();
    await ended;
  }
}

async function patiently(held: Promise<unknown>, tell: () => void): Promise<void> {
  const quiet = new AbortController();
  sleep(quietMillis, undefined, { signal: quiet.signal, ref: false })
    .then(tell)
    .catch(() => undefined);
  try {
    await held;
  } finally {
    quiet.abort();
  }
}

/** `the lock “lab”, held by process 12 (tare run) since 12:03:10 UTC`. */
function describe(name: string, holder: string): string {
  try {
    const { pid, command, since } = holderSchema.parse(JSON.parse(readFileSync(holder, 'utf8')));
    return `the lock “${name}”, held by process ${pid} (${command}) since ${since.slice(11, 19)} UTC`;
  } catch {
    // It has just been taken, or just given back.
    return `the lock “${name}”`;
  }
}

/** Without options and values, which may be long or private. */
function ownCommand(): string {
  const word = process.argv[2] ?? '';
  return /^[a-z-]{1,20}$/.test(word) ? `tare ${word}` : 'node';
}

function lockFailure(file: string, cause: Error | undefined): Failure {
  return new Failure(
    'infrastructure',
    `the lock ${file} can’t be held${cause ? `: ${cause.message}` : ''}`,
    'Install flock (Debian: `apt-get install util-linux`), and see that the file can be written.',
    { cause },
  );
}
