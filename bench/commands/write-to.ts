import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { wordsOfFileFault } from '../../results/file-fault.ts';

/**
 * Writes a file that a flag names; its folder is made.
 * @throws Failure `infrastructure` where that cannot be
 */
export async function writeTo(path: string, text: string, flag: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new Failure(
      'infrastructure',
      `${path} cannot be written: ${wordsOfFileFault(cause)}`,
      `Give another file to ${flag}.`,
      { cause },
    );
  }
}
