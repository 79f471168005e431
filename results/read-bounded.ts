import { open } from 'node:fs/promises';
import { Failure } from './failure.ts';

/**
 * Reads a file that somebody else may have written. A pipe is read to its end; nothing of more than `maxBytes` is.
 * @throws Failure `usage` where it holds more; the file system's error where it can't be read
 */
export async function readBounded(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of file.createReadStream({ autoClose: false })) {
      bytes += part.length;
      if (bytes > maxBytes) {
        throw new Failure(
          'usage',
          `${path} holds more than ${Math.floor(maxBytes / 1024)} KiB`,
          'Name the right file: none that Tare reads there is that large.',
        );
      }
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  } finally {
    await file.close();
  }
}
