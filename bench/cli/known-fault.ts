import { Failure } from '../../results/failure.ts';

/** Turns what engines and the file system commonly answer into a Failure with a remedy; undefined for the rest. */
export function knownFault(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (code === 'ENOSPC' || /no space left on device/i.test(error.message)) {
    return failure(
      error,
      'there is no space left on the disk',
      'Free some (`docker system df` shows what engines hold).',
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return failure(
      error,
      `not allowed: ${error.message}`,
      'Run as root, or as a user who may use this path or engine.',
    );
  }
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ENOENT') {
    return failure(
      error,
      `the engine went away: ${error.message}`,
      'Look at its log, start it again, then `tare run --resume latest`.',
    );
  }
  if (statusCode !== undefined) {
    const said = error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
    return failure(
      error,
      `the engine refused: ${said}`,
      'The engine’s log says more (`journalctl -u docker`); `docker info` shows how it is set up.',
    );
  }
  return undefined;
}

function failure(cause: Error, message: string, remedy: string): Failure {
  return new Failure('infrastructure', message, remedy, { cause });
}
