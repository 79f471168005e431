import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { Failure } from '../../../results/failure.ts';
import type { Executor } from '../../engine/executor.ts';
import { lastLine } from '../../engine/words.ts';
import type { ToolCall } from './tool-run.ts';

const deadlineSeconds = 15;

/**
 * Writes a file where an executor's programs see it, making its folder.
 * @throws Failure `infrastructure` where that is not possible
 */
export async function writeFile(executor: Executor, path: string, content: string): Promise<void> {
  // One program for all of it: each that is started in a container costs a tenth of a second.
  const script = 'mkdir -p "$1" && cat >"$0" && wc -c <"$0"';
  const argv = ['sh', '-c', script, path, dirname(path)];
  const result = await executor.run(argv, { deadlineSeconds, stdin: content });
  if (result.exitCode === 0 && Number(result.stdout) === Buffer.byteLength(content)) return;
  throw new Failure(
    'infrastructure',
    `${path} could not be written in ${executor.where}: ${lastLine(result.stderr) || `exit code ${result.exitCode}`}`,
    'Make sure that /tmp is writable there and has space.',
  );
}

/**
 * A tool's call with a temporary file of that content, which is written before and removed after it. All in one program:
 * each that is started in a container takes a tenth of a second from the trial.
 * @param argv of the tool, given the file's path
 */
export function withFile(
  name: string,
  content: string,
  argv: (path: string) => readonly string[],
): Pick<ToolCall, 'argv' | 'stdin'> {
  const path = `/tmp/tare-${randomUUID()}-${name}`;
  const script = 'cat >"$0" && { "$@"; code=$?; rm -f "$0"; exit $code; }';
  return { argv: ['sh', '-c', script, path, ...argv(path)], stdin: content };
}
