import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stateSubfolder } from './state.ts';

/**
 * Runs one thing at a time across all processes that share the state folder. The lock is held by `flock` on a pipe
 * from this process, so the kernel frees it however this process ends.
 */
export async function withLock<T>(name: string, action: () => Promise<T>): Promise<T> {
  const file = join(stateSubfolder('locks'), name);
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in our process group: Ctrl-C must not free the lock while this process still cleans up.
    detached: true,
  });
  const ended = once(holder, 'exit');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => Promise.reject(new Error(`the lock ${file} can't be held`))),
  ]);
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
