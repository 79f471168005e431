import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Write beside, sync, rename, sync the folder: the pattern that leaves either the old file or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
