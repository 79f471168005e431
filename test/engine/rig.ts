import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

/**
 * Waits until a started run has recorded its first trial, however fast or slow the machine: progress lines come by the
 * clock, and a fast machine shows few of them.
 */
export async function untilMeasured(child: ReturnType<typeof startTare>, runFolder: string): Promise<void> {
  let said = '';
  // Not an iterator over the lines: leaving one would close the pipe under the command.
  child.stderr.on('data', (text) => {
    said += text;
  });
  let ended = false;
  void child.then(() => {
    ended = true;
  });
  const record = join(runFolder, 'trials.ndjson');
  while (!(await readFile(record, 'utf8').catch(() => '')).includes('\n')) {
    if (ended) throw new Error(`it ended without a trial in ${record}:\n${said}`);
    await delay(50);
  }
}
