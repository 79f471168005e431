import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import { lastLine } from '../engine/words.ts';
import { packageRoot } from '../state/package-root.ts';
import { stateSubfolder } from '../state/state.ts';

/** A program in C that a counted machine needs; each is one file. */
export interface CProgram {
  readonly source: string;
  /** Of the compiled file. */
  readonly name: string;
  readonly flags: readonly string[];
}

/** What counts, in the emulator. */
export const counterPlugin: CProgram = {
  source: join('plugin', 'tare-count.c'),
  name: 'tare-count.so',
  flags: ['-fPIC', '-shared', '-fvisibility=hidden', '-pthread'],
};

/** What runs programs, in the guest; it needs nothing of the guest's. */
export const guestAgentProgram: CProgram = {
  source: join('agent', 'tare-agent.c'),
  name: 'tare-agent',
  flags: ['-static'],
};

/** A program's source, which is what a recipe knows of it: the compiled file is each compiler's own. */
export const sourceOf = (program: CProgram): string =>
  readFileSync(join(packageRoot(), 'bench', 'machine', program.source), 'utf8');

/**
 * Compiles a program the first time, with this machine's own compiler.
 * @returns the compiled file, in the state folder, under a name that changes with the source
 * @throws Failure `infrastructure` where there is no compiler, or it does not compile
 */
export async function compiled(program: CProgram): Promise<string> {
  const digest = createHash('sha256')
    .update([program.flags.join(' '), sourceOf(program)].join('\0'))
    .digest('hex')
    .slice(0, 12);
  const parent = stateSubfolder('machine/programs');
  const file = join(parent, `${digest}-${program.name}`);
  if (existsSync(file)) return file;
  const fresh = mkdtempSync(join(parent, '.new-'));
  try {
    const result = join(fresh, program.name);
    const source = join(packageRoot(), 'bench', 'machine', program.source);
    const { failed, code, stderr, shortMessage } = await execa(
      'cc',
      ['-std=gnu11', '-O2', ...program.flags, '-o', result, source],
      { reject: false, stdin: 'ignore', timeout: 120_000 },
    );
    if (failed) {
      const remedy = 'Install one with its library: `apt-get install gcc libc6-dev`.';
      if (code === 'ENOENT') {
        throw new Failure(
          'infrastructure',
          `a counted machine needs a C compiler for ${program.name}, and there is no cc here`,
          remedy,
        );
      }
      throw new Failure(
        'infrastructure',
        `cc can't compile ${program.source}: ${lastLine(stderr ?? '') || shortMessage}`,
        remedy,
      );
    }
    renameSync(result, file);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return file;
}
