import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownerState, ownOwner } from '../../results/owner.ts';
import { stateSubfolder } from '../state/state.ts';

const folderOfAll = () => stateSubfolder('native');

/** A folder for the files of the programs that this process runs on this machine itself, named after its maker. */
export function makeNativeFolder(): string {
  return mkdtempSync(join(folderOfAll(), `${ownOwner()}-`));
}

/**
 * Removes the folders whose makers were killed.
 * @returns their names
 */
export function removeLeftNativeFolders(dryRun: boolean): string[] {
  const left = readdirSync(folderOfAll()).filter(
    (name) => ownerState(name.slice(0, name.lastIndexOf('-'))) === 'dead',
  );
  if (!dryRun) for (const name of left) rmSync(join(folderOfAll(), name), { recursive: true, force: true });
  return left;
}
