import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../results/failure.ts';
import { bytesText } from '../../results/figure-text.ts';
import { diskFull, isDiskFull } from './disk-space.ts';

/** What a file holds, to the byte. */
export interface Content {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Writes a stream into a file for the owner only, which appears under its name when it is whole and on the disk.
 * @param mostBytes more than that is not taken, as whoever sends it may never end
 * @param what is written, for messages
 * @throws Failure `infrastructure` where the stream is longer or the disk is full; nothing is left then
 */
export async function writeBounded(
  from: NodeJS.ReadableStream,
  file: string,
  { mostBytes, what }: { readonly mostBytes: number; readonly what: string },
): Promise<Content> {
  const fresh = `${file}.${process.pid}.new`;
  const digest = createHash('sha256');
  let bytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) return done(tooLarge(what, mostBytes));
      digest.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(from, measured, createWriteStream(fresh, { mode: 0o600 }));
    const written = await open(fresh, 'r');
    await written.sync().finally(() => written.close());
    await rename(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw isDiskFull(error) ? diskFull(file, mostBytes, what, error) : error;
  }
  return { sha256: digest.digest('hex'), bytes };
}

/** What a file holds now. @throws where it can't be read */
export async function contentOf(file: string): Promise<Content> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    bytes += (chunk as Buffer).length;
    digest.update(chunk as Buffer);
  }
  return { sha256: digest.digest('hex'), bytes };
}

function tooLarge(what: string, mostBytes: number): Failure {
  return new Failure(
    'infrastructure',
    `${what} is larger than the ${bytesText(mostBytes)} that it may be`,
    'Make sure that the engine is the one you mean: Tare’s own images are far smaller.',
  );
}
