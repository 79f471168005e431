import { writeSync } from 'node:fs';
import { plainText } from '../../reports/text.ts';
import { foldersBeingWritten } from '../../results/being-written.ts';
import { shellWord } from '../../results/shell-word.ts';

import { exitCodes } from '../commands/command.ts';
import { type WaitingCall, waitingCalls } from '../engine/waiting-calls.ts';
import { type Wait, waits } from '../state/waits.ts';

/** What a command line comes to: its exit code. Rejects where it fails. */
export type Work = (signal: AbortSignal) => Promise<number>;

/** After so long without a sign of life, one more signal ends the process at once. */
const patienceSeconds = 5;
/** What still keeps the process after all is done is not waited for longer. */
const lingerMillis = 5000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command to its end. However it ends, the exit code is one that Tare documents, and what was begun is cleaned up
 * first: node's own codes (1 for whatever nobody caught, 13 for what nobody finished) would read as a verdict.
 * @param holdsNothing whether a signal may end it at once, since it has made nothing that has to be taken back
 * @param explain tells of an error in one line and gives its exit code
 */
export function runToItsEnd(
  work: Work,
  holdsNothing: () => boolean,
  explain: (error: unknown) => number,
): void {
  // Until it is known how it ended, nobody saw it end well.
  process.exitCode = exitCodes.infrastructure;
  const interruption = new AbortController();
  let settled = false;
  let unforeseen: { readonly error: unknown } | undefined;
  let lost: Error | undefined;
  let signalCount = 0;

  const tellLost = () => {
    if (!lost || process.exitCode === exitCodes.usage) return;
    say(`tare: the output could not be written: ${lost.message}. Make room for it, or send it elsewhere.\n`);
    process.exitCode = exitCodes.infrastructure;
  };

  const settle = (code: number) => {
    settled = true;
    process.exitCode = unforeseen ? explain(unforeseen.error) : code;
    tellLost();
    setTimeout(() => process.exit(), lingerMillis).unref();
  };

  // Whoever reads the output may go away (`tare run | head`), and so may the terminal: what was begun is still cleaned
  // up and recorded. A disk that takes no more of the output is another matter.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isReaderGone(error) || lost) return;
    lost = error;
    // A short output is told to have failed only once the command is through.
    if (settled) tellLost();
  });
  process.stderr.on('error', () => undefined);

  const fail = (error: unknown) => {
    unforeseen ??= { error };
    interruption.abort();
    if (settled) process.exitCode = explain(error);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  for (const signal of signals) {
    process.on(signal, () => {
      signalCount += 1;
      if (settled || holdsNothing()) process.exit(settled ? undefined : exitCodes.interrupted);
      if (!interruption.signal.aborted) {
        say('\nInterrupted: cleaning up …\n');
        interruption.abort();
        return;
      }
      const waiting = whatIsWaitedFor(waits(), waitingCalls());
      if (signalCount > 2 && waiting.silentSeconds >= patienceSeconds) {
        say(`Ended without cleaning up: ${waiting.text}. ${afterwards()}\n`);
        process.exit(unforeseen ? exitCodes.infrastructure : exitCodes.interrupted);
      }
      say(`Still cleaning up: ${waiting.text} …\n`);
    });
  }

  // Nothing is left that could ever wake the process up, yet the command has not ended: its `finally` must still run.
  process.on('beforeExit', () => {
    if (!settled && !interruption.signal.aborted) {
      fail(new Error('nothing is left to wait for, and the command has not ended'));
      setTimeout(() => undefined, 1000);
    }
  });
  process.on('exit', () => {
    if (settled) return;
    if (process.exitCode === exitCodes.infrastructure && signalCount === 0) {
      say('tare: it ended before it was done. Run `tare clean`, and set TARE_DEBUG=1 to see more.\n');
    }
  });

  work(interruption.signal).then(settle, (error) => {
    settle(interruption.signal.aborted ? exitCodes.interrupted : explain(error));
  });
}

/** A terminal or a reader that has gone takes nothing from what a command did. */
function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED';
}

/** Written at once, since the process may be about to end; where nobody is left to read it, it is lost. */
function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // The terminal has gone.
  }
}

/** What is left to do for whom a command ended at once. */
function afterwards(): string {
  const clean =
    'Run `tare clean` once it answers again, with the --engine that this command was given if it was given one.';
  const kept = foldersBeingWritten().map((folder) => `\`tare report ${shellWord(folder)}\``);
  return kept.length > 0 ? `${clean} What was measured is kept: ${kept.join(', ')} tells it.` : clean;
}

/** In words, and for how long nothing was heard from what is not this process's own work. */
export function whatIsWaitedFor(
  steps: readonly Wait[],
  calls: readonly WaitingCall[],
): { readonly text: string; readonly silentSeconds: number } {
  const others = steps.filter(({ kind }) => kind === 'other');
  const own = steps.map(({ what, seconds }) => `${what} (${seconds.toFixed(0)} s)`);
  const silent = calls
    .slice(0, 1)
    .map(
      ({ engine, call, silentSeconds }) =>
        `${engine} has not answered ${call} for ${silentSeconds.toFixed(0)} s`,
    );
  const texts = [...(own.length > 0 ? [`waiting for ${own.join('; ')}`] : []), ...silent];
  return {
    text: texts.length > 0 ? plainText(texts.join('; ')) : 'the command is coming to its end',
    silentSeconds: Math.max(
      0,
      ...others.map(({ seconds }) => seconds),
      ...calls.map(({ silentSeconds }) => silentSeconds),
    ),
  };
}
