import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerState, ownOwner } from '../../results/owner.ts';
import { stateSubfolder } from '../state/state.ts';

const work = () => stateSubfolder('machine/work');
const running = () => stateSubfolder('machine/r');
const ownerFile = 'owner';

/** Machines, made and ready to start, each in a folder called by the digest of what was asked for. */
export const keptMachines = () => stateSubfolder('machine/kept');

/** A new folder for something that is being made; `tare clean` removes it should this process die. */
export const workFolder = (): string => mkdtempSync(join(work(), `${ownOwner()}_`));

/** A new folder for the sockets of a machine that runs, so its path is short. */
export function runningFolder(): string {
  const folder = join(running(), randomBytes(3).toString('hex'));
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, ownerFile), ownOwner());
  return folder;
}

/**
 * Removes what dead processes left: half-made machines, and the sockets of machines that ran, which ended with them.
 * @param all also the machines that are kept ready: they are made anew when they are next wanted
 * @param dryRun only tell
 * @returns paths below the folder of machines
 */
export function sweepMachines({
  all,
  dryRun,
}: {
  readonly all: boolean;
  readonly dryRun: boolean;
}): string[] {
  const halfMade = readdirSync(work())
    .filter((name) => ownerState(name.split('_')[0]) === 'dead')
    .map((name) => join('work', name));
  const ended = readdirSync(running())
    .filter((name) => ownerState(ownerOf(join(running(), name))) === 'dead')
    .map((name) => join('r', name));
  const kept = all ? readdirSync(keptMachines()).map((name) => join('kept', name)) : [];
  const found = [...halfMade, ...ended, ...kept];
  if (!dryRun) {
    for (const path of found) rmSync(join(stateSubfolder('machine'), path), { recursive: true, force: true });
  }
  return found;
}

function ownerOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, ownerFile), 'utf8');
  } catch {
    return undefined;
  }
}
