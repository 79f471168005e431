import { open } from 'node:fs/promises';
import { Failure } from './failure.ts';

/** Text without the mark that editors of another system put before it. */
export const withoutByteOrderMark = (text: string): string =>
  text.startsWith('\ufeff') ? text.slice(1) : text;

/**
 * Reads a file that somebody else may have written. A pipe is read to its end; nothing of more than `maxBytes` is. A byte order mark is left out.
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
    return withoutByteOrderMark(Buffer.concat(parts).toString('utf8'));
  } finally {
    await file.close();
  }
}
