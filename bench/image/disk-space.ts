import { statfsSync } from 'node:fs';
import { Failure } from '../../results/failure.ts';
import { bytesText } from '../../results/figure-text.ts';

/**
 * Makes sure that a folder's file system has room, before something long begins that would fail for want of it.
 * @param what takes the room, as the subject of a sentence
 * @throws Failure `infrastructure` that names the folder, what is free there and what is needed
 */
export function requireSpace(folder: string, neededBytes: number, what: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  throw new Failure(
    'infrastructure',
    `${folder} has ${bytesText(freeBytes)} free, and ${what} needs ${bytesText(neededBytes)} there`,
    'Free some space, or set TARE_STATE to a folder on another disk.',
  );
}

/** Whether an error, a program's output or an engine's message says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC') return true;
  const said = typeof error === 'string' ? error : `${(error as Error | undefined)?.message ?? ''}`;
  return /no space left on device|ENOSPC/i.test(said);
}

/** The failure of a disk that was full in the middle of writing, whatever the error said of it. */
export function diskFull(path: string, neededBytes: number, what: string, cause: unknown): Failure {
  return new Failure(
    'infrastructure',
    `the disk of ${path} is full: ${what} needs ${bytesText(neededBytes)} there`,
    'Free some space, or set TARE_STATE to a folder on another disk.',
    { cause },
  );
}
