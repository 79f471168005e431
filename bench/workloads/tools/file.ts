import { Failure } from '../../../results/failure.ts';
import type { ExecResult, Executor } from '../../engine/executor.ts';
import { lastLine } from '../../engine/words.ts';
import type { ToolCall } from './tool-run.ts';

const deadlineSeconds = 15;

/**
 * Writes files into a new part of an executor's own folder.
 * @param name of that part: one path segment
 * @param files content by name
 * @returns where they are
 * @throws Failure `infrastructure` where that is not possible
 */
export async function writeFiles(
  executor: Executor,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = `${await executor.folder()}/${name}`;
  for (const [file, content] of Object.entries(files)) {
    // One program for all of it: each that is started in a container costs time.
    const script = 'mkdir -p "$0" && cat >"$0/$1" && wc -c <"$0/$1"';
    const argv = ['sh', '-c', script, folder, file];
    const result = await executor.run(argv, { deadlineSeconds, stdin: content });
    if (!isWritten(result, content)) {
      throw new Failure(
        'infrastructure',
        `${folder}/${file} could not be written in ${executor.where}: ${lastLine(result.stderr) || `exit code ${result.exitCode}`}`,
        'Make sure that there is space.',
      );
    }
  }
  return folder;
}

const isWritten = ({ exitCode, stdout }: ExecResult, content: string) =>
  exitCode === 0 && Number(stdout) === Buffer.byteLength(content);

/**
 * A tool's call with a file of that content, which is written before and removed after it. All in one program: each that
 * is started in a container takes time from the trial.
 * @param argv of the tool, given the file's path
 */
export async function withFile(
  client: Executor,
  name: string,
  content: string,
  argv: (path: string) => readonly string[],
): Promise<Pick<ToolCall, 'argv' | 'stdin'>> {
  const path = `${await client.folder()}/${name}`;
  const script = 'cat >"$0" && { "$@"; code=$?; rm -f "$0"; exit $code; }';
  return { argv: ['sh', '-c', script, path, ...client.inShell(argv(path))], stdin: content };
}
