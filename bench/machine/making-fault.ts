import { Failure } from '../../results/failure.ts';
import { lastLine } from '../engine/words.ts';
import { diskFull, isDiskFull } from '../image/disk-space.ts';

/** What is written while a machine is made: its disk, packages, and then a snapshot's layer and memory. */
export const neededBytes = 3e9;

/** A fault in making a machine as what is told of it: a full disk, or the failed program's last words. */
export function makingFault(error: unknown, folder: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { all, message } = error as { all?: string; message: string };
  if (isDiskFull(`${all ?? ''} ${message}`)) return diskFull(folder, neededBytes, 'making a machine', error);
  if (error instanceof Failure) return error;
  return new Failure(
    'infrastructure',
    `the machine can’t be made: ${lastLine(all ?? '') || lastLine(message)}`,
    'Try again, and choose another recipe (--machine counted:SUITE) where it stays so.',
    { cause: error },
  );
}
