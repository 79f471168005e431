import { dirname } from 'node:path';
import { Failure } from '../../results/failure.ts';

/**
 * Turns what the file system commonly answers into a Failure with cause, path and remedy; undefined for the rest. What
 * an engine answers is a Failure of its own from the start (EngineFault), so no code here is taken for the engine's.
 */
export function knownFault(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode, path, dest, syscall } = error as NodeJS.ErrnoException & {
    readonly statusCode?: number;
    readonly dest?: string;
  };
  const place = dest ?? path;
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device/i.test(error.message)) {
    return failure(
      error,
      place === undefined
        ? `there is no space left: ${error.message}`
        : `there is no space left on the disk of ${place}`,
      place === undefined
        ? 'Free some: in the folders of the run (--out), of the state (TARE_STATE) and of TMPDIR.'
        : `Free some (\`df ${dirname(place)}\` tells which disk it is), or choose another folder.`,
    );
  }
  // Not of a file, and nobody but engines is connected to.
  if (code === 'ECONNREFUSED') {
    return new Failure(
      'infrastructure',
      `the engine went away: ${error.message}`,
      'Look at its log, start it again, then `tare run --resume latest`.',
      { cause: error, saysHowToGoOn: true },
    );
  }
  if (place !== undefined) {
    const fault = pathFault(code, place, syscall);
    if (fault) return failure(error, fault.message, fault.remedy);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return failure(error, `not allowed: ${error.message}`, 'Run as root, or as a user who may do that.');
  }
  if (statusCode !== undefined) {
    const said = error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
    return failure(error, `the engine refused: ${said}`, 'Its log tells more.');
  }
  return undefined;
}

function pathFault(code: string | undefined, place: string, syscall: string | undefined) {
  const choose = 'choose another folder (--out for the run, TARE_STATE for what Tare keeps)';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return {
        message: `${place} may not be used by you (${syscall})`,
        remedy: `Give yourself the right, or ${choose}.`,
      };
    case 'EROFS':
      return {
        message: `${place} is on a read-only file system`,
        remedy: `Mount it for writing, or ${choose}.`,
      };
    case 'ENOENT':
      return {
        message: `${place} is not there (${syscall})`,
        remedy: 'It was there before, or its folder never was: look who removes it.',
      };
    case 'ENOTDIR':
    case 'EEXIST':
      return {
        message: `${place} lies below a file, or is one where a folder is wanted`,
        remedy: `Move the file away, or ${choose}.`,
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        message: `too many files are open: ${place} can't be`,
        remedy: 'Raise the limit (`ulimit -n`).',
      };
    default:
      return undefined;
  }
}

function failure(cause: Error, message: string, remedy: string): Failure {
  return new Failure('infrastructure', message, remedy, { cause });
}
