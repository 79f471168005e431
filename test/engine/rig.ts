import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const cli = fileURLToPath(new URL('../../bench/cli.ts', import.meta.url));
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

/** Waits until a started command has written a text to standard error. */
export async function untilItSays(child: ReturnType<typeof startTare>, text: string | RegExp): Promise<void> {
  let said = '';
  for await (const line of child.iterable({ from: 'stderr' })) {
    said += `${line}\n`;
    if (typeof text === 'string' ? line.includes(text) : text.test(line)) return;
  }
  throw new Error(`it ended without saying ${text}:\n${said}`);
}
