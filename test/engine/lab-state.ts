import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateFolder, stateSubfolder } from '../../bench/state/state.ts';

/**
 * Gives a test file a state folder of its own, so that its engine and lab meet nobody else's; image files are shared
 * with the real one, as they take minutes to build.
 * @returns what removes it again
 */
export function ownState(): () => void {
  const before = process.env.TARE_STATE;
  const images = stateSubfolder('images');
  const program = join(stateFolder(), 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'tare-state-'));
  symlinkSync(images, join(folder, 'images'));
  if (existsSync(program)) symlinkSync(program, join(folder, 'bin'));
  process.env.TARE_STATE = folder;
  return () => {
    if (before === undefined) delete process.env.TARE_STATE;
    else process.env.TARE_STATE = before;
    rmSync(folder, { recursive: true, force: true });
  };
}
