import type { Writable } from 'node:stream';
import { demultiplexer } from './demultiplex.ts';
import { said } from './words.ts';

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
      throw nonsense(`a line that is no JSON (${said(line.slice(0, 200), 80)})`);
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

/** Parts a container's output into two streams. One that is not made of the engine's frames breaks off. */
export function demultiplex(stream: NodeJS.ReadableStream, stdout: Writable, stderr: Writable): void {
  const outputs = { stdout, stderr };
  const broken = () =>
    (stream as NodeJS.ReadableStream & { destroy(error?: Error): void }).destroy(
      new Error('its output has no headers'),
    );
  stream.on(
    'data',
    demultiplexer((output, bytes) => outputs[output].write(bytes), broken),
  );
}
