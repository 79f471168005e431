import { getSystemErrorMap } from 'node:util';

/**
 * Why a file could not be used, in the system's words alone: `no such file or directory`. Whoever says it names the
 * path already, and Node's own message repeats it behind a code and a call.
 */
export function wordsOfFileFault(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
}
