import type { Writable } from 'node:stream';
import { printable } from './answers.ts';

/** Longest line of progress that is read; a builder's are a few hundred bytes. */
const longestLineBytes = 1024 * 1024;
/** Events of a stream that are kept: the last ones tell what went wrong. */
const keptEvents = 10_000;

/**
 * Reads a stream of JSON objects, one a line, to its end.
 * @param nonsense makes the error for what is no JSON, given in words
 * @returns its last 10,000 events
 */
export async function readEvents(
  stream: NodeJS.ReadableStream,
  nonsense: (what: string) => Error,
  onEvent?: (event: unknown) => void,
): Promise<unknown[]> {
  const events: unknown[] = [];
  const take = (line: string) => {
    if (line.trim() === '') return;
    let event: unknown;
    try {
      event = JSON.parse(line);
    } catch {
      throw nonsense(`a line that is no JSON (${printable(line.slice(0, 200), 80)})`);
    }
    if (typeof event !== 'object' || event === null) throw nonsense('a line that is no object');
    events.push(event);
    if (events.length > keptEvents) events.shift();
    onEvent?.(event);
  };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (
      rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
    ).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLineBytes) throw nonsense('a line without end');
    for (const line of lines) take(line);
  }
  take(rest);
  return events;
}

/** Bytes of the header in front of each piece of output: stream's number, three zeros, length. */
const headerBytes = 8;

/**
 * Parts a container's output, in which each piece has a header that says whose it is (1 standard output, 2 standard
 * error). A stream that has no such headers breaks off.
 */
export function demultiplex(stream: NodeJS.ReadableStream, stdout: Writable, stderr: Writable): void {
  const header = Buffer.alloc(headerBytes);
  let headerFilled = 0;
  let left = 0;
  stream.on('data', (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const piece = chunk.subarray(at, at + left);
        (header[0] === 2 ? stderr : stdout).write(piece);
        at += piece.length;
        left -= piece.length;
        continue;
      }
      const part = chunk.subarray(at, at + headerBytes - headerFilled);
      part.copy(header, headerFilled);
      headerFilled += part.length;
      at += part.length;
      if (headerFilled < headerBytes) return;
      headerFilled = 0;
      left = header.readUInt32BE(4);
      if ((header[0] as number) > 2 || header[1] !== 0) {
        (stream as NodeJS.ReadableStream & { destroy(error?: Error): void }).destroy(
          new Error('its output has no headers'),
        );
        return;
      }
    }
  });
}
