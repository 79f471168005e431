import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const cli = fileURLToPath(new URL('../../bench/cli/cli.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** A folder to run the command line in; runs land in its results/runs. */
export function workFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tare-test-'));
}

/** Starts Tare's own command line as a person would. */
export function startTare(args: readonly string[], folder: string, environment: Record<string, string> = {}) {
  return execa(process.execPath, ['--import', tsx, cli, ...args], {
    cwd: folder,
    env: { NO_COLOR: '1', ...environment },
    reject: false,
    // A test that hangs is stopped from within, so that the engine is cleaned up.
    timeout: 570_000,
    forceKillAfterDelay: 20_000,
  });
}

/** Runs it to its end. */
export async function tare(
  args: readonly string[],
  folder: string,
  environment: Record<string, string> = {},
) {
  const result = await startTare(args, folder, environment);
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Waits until a started command has written a line that fits to standard error. */
export function untilItSays(child: ReturnType<typeof startTare>, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    // Not an iterator over the lines: leaving one would close the pipe under the command.
    child.stderr.on('data', (text) => {
      said += text;
      if (pattern.test(said)) resolve();
    });
    void child.then(() => reject(new Error(`it ended without saying ${pattern}:\n${said}`)));
  });
}
