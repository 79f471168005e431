import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { machineTag } from './owner.ts';

/** Engine sockets lie up to 26 bytes below the state folder, and the kernel takes socket paths of at most 107. */
const longestStatePath = 80;

/**
 * The folder that keeps what Tare makes for itself between runs: the private engine, images, the lab's sockets.
 * `TARE_STATE`, else `tare` below `XDG_STATE_HOME`, else `~/.local/state/tare`. Made where absent, for the owner only.
 * @throws Failure `usage` where no engine's socket could lie there
 */
export function stateFolder(): string {
  const { TARE_STATE, XDG_STATE_HOME } = process.env;
  const wanted = TARE_STATE
    ? resolve(TARE_STATE)
    : join(XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'tare');
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure(
      'usage',
      `the state folder ${wanted} can't be made: ${(error as Error).message}`,
      'Set TARE_STATE to a folder that you may write to.',
      { cause: error },
    );
  }
  const folder = realpathSync(wanted);
  if (folder.length > longestStatePath) {
    throw new Failure(
      'usage',
      `the path of the state folder is too long for a socket in it: ${folder}`,
      `Set TARE_STATE to a folder whose path has at most ${longestStatePath} characters.`,
    );
  }
  return folder;
}

/** A folder inside the state folder, for the owner only; made where absent. */
export function stateSubfolder(name: string): string {
  const folder = join(stateFolder(), name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Eight hexadecimal digits that tell one state folder's objects from another's on a shared engine or kernel; folders of
 * one path on two machines are two.
 */
export function stateTag(): string {
  return createHash('sha256').update(`${machineTag()} ${stateFolder()}`).digest('hex').slice(0, 8);
}
