import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { packageRoot } from '../state/package-root.ts';

const needsSchema = z.object({
  missing: z.array(z.object({ what: z.string(), why: z.string(), packages: z.array(z.string()) })),
  /** What brings it, in order: each a program and its arguments; apt-get needs root. */
  commands: z.array(z.array(z.string())),
});

/** What this machine lacks of what a run needs of it, and the commands that bring it. */
export type MachineNeeds = z.infer<typeof needsSchema>;

/** Set-up is a program of its own, since it must run before any package is there. */
const setupArgv = () => [join(packageRoot(), 'bench', 'setup', 'setup.mjs'), '--for', 'bench'];

/**
 * Looks what is missing; installs nothing.
 * @throws Failure `infrastructure` where set-up itself fails
 */
export async function machineNeeds(): Promise<MachineNeeds> {
  const { stdout, shortMessage } = await execa(process.execPath, [...setupArgv(), '--tell'], {
    reject: false,
    stdin: 'ignore',
  });
  try {
    return needsSchema.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new Failure(
      'infrastructure',
      `what this machine lacks can't be told: ${shortMessage ?? 'set-up gave no answer'}`,
      'Install Tare again.',
      { cause },
    );
  }
}

/**
 * Installs what is missing, after asking where there is somebody to ask and the answer was not given before.
 * @returns set-up's exit code
 */
export async function installNeeds(yes: boolean): Promise<number | undefined> {
  const { exitCode } = await execa(process.execPath, [...setupArgv(), ...(yes ? ['--yes'] : [])], {
    reject: false,
    stdio: 'inherit',
  });
  return exitCode;
}
