import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Write beside, sync, rename, sync the folder: the pattern that leaves either the old file or the new one, and nothing
 * beside them where the disk is full.
 */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const beside = `${path}.new`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
