import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { waitingFor } from './waits.ts';

// Two runs that measure at once measure one another. A socket without a file is one for all users and state folders of a
// kernel (of its first network namespace, where Tare runs), and the kernel frees it however its holder ends. Anybody
// here may take it or speak to its holder: what is read from it is checked, and all that it guards is waiting.
const machineSocket = '\0tare-measuring';

const holderSchema = z.strictObject({
  pid: z.number().int().positive(),
  user: z.string().regex(/^[\w.-]{1,64}$/),
  run: z.string().regex(/^[\w.-]{1,64}$/),
  since: z.iso.datetime(),
});

/** Bytes and time that a holder has to say who it is. */
const longestAnswer = 1024;
const answerMillis = 2000;
/** The holder's end is heard of; this is for one that doesn't let go of a connection. */
const lookAgainMillis = 10_000;

export interface MeasuringOptions {
  /** Id of the run that is to be measured, for those who wait for it. */
  readonly run: string;
  /** Whether to wait for another run, or to refuse. */
  readonly wait: boolean;
  /** Hears for whom is waited. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes this process the one that measures on this machine, once no other does.
 * @returns what lets the next one measure
 * @throws Failure `infrastructure` where another measures and is not to be waited for; the signal's reason
 */
export async function measureAlone(options: MeasuringOptions, socket = machineSocket): Promise<() => void> {
  let told: string | undefined;
  for (;;) {
    options.signal.throwIfAborted();
    const release = await take(options.run, socket);
    if (release) return release;
    const holder = await callHolder(socket);
    if (!holder) continue;
    try {
      if (!options.wait) {
        throw new Failure(
          'infrastructure',
          `${holder.words} is being measured on this machine`,
          'Leave --no-wait away to wait for it.',
        );
      }
      const text = `Waiting for ${holder.words}, which is being measured on this machine`;
      if (text !== told) options.progress(text);
      told = text;
      await waitingFor(
        'other',
        () => holder.words,
        () => endOf(holder.line, options.signal),
      );
    } finally {
      holder.line.destroy();
    }
  }
}

/** @returns nothing where another has it */
async function take(run: string, socket: string): Promise<(() => void) | undefined> {
  const own = { pid: process.pid, user: userInfo().username, run, since: new Date().toISOString() };
  const lines = new Set<Socket>();
  const server: Server = createServer((line) => {
    lines.add(line.unref());
    line.on('error', () => undefined).on('close', () => lines.delete(line));
    line.resume().write(`${JSON.stringify(own)}\n`);
  });
  // Nobody needs hundreds of lines to one who waits.
  server.maxConnections = 64;
  server.listen(socket);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  server.unref();
  return () => {
    server.close();
    for (const line of lines) line.destroy();
  };
}

/** A line to whoever measures, and who that is; nothing where it has just ended. */
async function callHolder(socket: string): Promise<{ line: Socket; words: string } | undefined> {
  const line = connect(socket);
  try {
    await once(line, 'connect');
  } catch {
    await sleep(50);
    return undefined;
  }
  line.on('error', () => undefined);
  let text = '';
  const read = (bytes: Buffer) => {
    if (text.length < longestAnswer) text += bytes.toString('utf8').slice(0, longestAnswer);
  };
  line.on('data', read);
  const late = AbortSignal.timeout(answerMillis);
  while (!text.includes('\n') && text.length < longestAnswer && !late.aborted && !line.destroyed) {
    await Promise.race([once(line, 'data', { signal: late }), once(line, 'close')]).catch(() => undefined);
  }
  return { line, words: wordsOf(text) };
}

/** What a holder is called that says nothing, or nothing that Tare would say. */
export const namelessHolder = 'a run that doesn’t say which';

/** This process as a holder on another machine, in words: what that machine shows to whoever waits. */
export function ownWords(run: string): string {
  const since = new Date().toISOString().slice(11, 19);
  return `run ${run} (process ${process.pid} of ${userInfo().username} on ${hostname()}, since ${since} UTC)`;
}

function wordsOf(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text.split('\n')[0] ?? '');
  } catch {
    // Not Tare's, or of another version.
  }
  const holder = holderSchema.safeParse(json);
  if (!holder.success) return namelessHolder;
  const { pid, user, run, since } = holder.data;
  return `run ${run} (process ${pid} of ${user}, since ${since.slice(11, 19)} UTC)`;
}

async function endOf(line: Socket, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const stop = () => enough.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (line.destroyed) return;
    await Promise.race([
      once(line, 'close', { signal: enough.signal }),
      sleep(lookAgainMillis, undefined, { signal: enough.signal }),
    ]).catch(() => undefined);
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
  }
}
