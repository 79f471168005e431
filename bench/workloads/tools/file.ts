import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { Failure } from '../../../results/failure.ts';
import type { Executor } from '../../engine/executor.ts';
import { lastLine } from './tool-run.ts';

const deadlineSeconds = 15;

/**
 * Writes a file where an executor's programs see it, making its folder.
 * @throws Failure `infrastructure` where that is not possible
 */
export async function writeFile(executor: Executor, path: string, content: string): Promise<void> {
  // Each program run in a container costs some tens of milliseconds.
  if (dirname(path) !== '/tmp') await executor.run(['mkdir', '-p', dirname(path)], { deadlineSeconds });
  const result = await executor.run(['tee', path], { deadlineSeconds, stdin: content });
  if (result.exitCode === 0 && result.stdout === content) return;
  throw new Failure(
    'infrastructure',
    `${path} could not be written in ${executor.where}: ${lastLine(result.stderr) || `exit code ${result.exitCode}`}`,
    'Make sure that /tmp is writable there and has space.',
  );
}

/** Runs `use` with the path of a temporary file of that content, and removes the file whatever happens. */
export async function withFile<T>(
  executor: Executor,
  name: string,
  content: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = `/tmp/tare-${randomUUID()}-${name}`;
  try {
    await writeFile(executor, path, content);
    return await use(path);
  } finally {
    await executor.run(['rm', '-f', path], { deadlineSeconds });
  }
}
