import { Failure } from '../../results/failure.ts';
import { connectEngine } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { lastLine } from '../engine/words.ts';
import type { GuestProcess } from './guest-process.ts';
import { pause } from './pause.ts';

/** Wall time in which a guest's engines must be up; on an idle host they need a tenth of that. */
const bootSeconds = 600;

/** `tcp://127.0.0.1:PORT` of each engine of a guest. */
export const engineUrls = (guest: GuestProcess): string[] =>
  guest.ports.map((port) => `tcp://127.0.0.1:${port}`);

/** Address of a node on the network that joins all nodes. */
export const underlayAddress = (node: number): string => `198.18.255.${10 + node}`;

/**
 * Waits until all engines of a guest answer.
 * @throws Failure `infrastructure` with what the console or an engine said last; the signal's reason
 */
export function enginesOf(guest: GuestProcess, signal: AbortSignal): Promise<Engine[]> {
  return Promise.all(engineUrls(guest).map((url, index) => engineAnswers(guest, url, index, signal)));
}

async function engineAnswers(
  guest: GuestProcess,
  url: string,
  index: number,
  signal: AbortSignal,
): Promise<Engine> {
  const deadline = Date.now() + bootSeconds * 1000;
  const name = `node-${guest.firstNode + index}`;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await connectEngine(url, {
        ...{ name, ownership: 'lab', hostName: name, tls: 'none' },
        timeoutSeconds: 20,
      });
    } catch (error) {
      refuseDead(guest);
      if (Date.now() > deadline) throw hangs(guest, error);
      await pause(200, signal);
    }
  }
}

function refuseDead(guest: GuestProcess): void {
  const said = guest.console();
  const ended = /guest: engine \d+ ended: [^·]*/.exec(said)?.[0];
  if (!guest.hasEnded() && ended === undefined) return;
  throw new Failure(
    'infrastructure',
    `the machine does not come up: ${ended ?? (said || 'the emulator ended without a word')}`,
    'Choose another recipe (--machine counted:SUITE), or leave its daemon and sysctls away to see whether they do it.',
  );
}

function hangs(guest: GuestProcess, cause: unknown): Failure {
  return new Failure(
    'infrastructure',
    `the machine’s engines do not answer within ${bootSeconds} s: ${lastLine(guest.console()) || 'its console says nothing'}`,
    'Try again when this computer is less busy, or choose another recipe.',
    { cause },
  );
}
