import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { z } from 'zod';
import { within } from './within.ts';

/** What became of a container in which a program did not end as it should. */
export type ContainerState =
  | { readonly type: 'running' }
  | { readonly type: 'gone'; readonly why: string; readonly remedy: string };

const answerSeconds = 5;
const removalMillis = 500;
const stateSchema = z.object({
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean().optional(),
    OOMKilled: z.boolean().optional(),
    ExitCode: z.number().optional(),
  }),
});

/** Asks the engine, for a few seconds at most. Never throws: an engine that does not answer is an answer. */
export async function containerState(docker: Docker, containerId: string): Promise<ContainerState> {
  const gone = (why: string, remedy: string): ContainerState => ({ type: 'gone', why, remedy });
  try {
    const ask = () => within(answerSeconds, docker.getContainer(containerId).inspect());
    let answer = await ask();
    // On its way out it is ended first, and removed a moment later.
    if (answer !== 'late' && !stateSchema.parse(answer).State.Running) {
      await delay(removalMillis);
      answer = await ask();
    }
    if (answer === 'late') {
      return gone(
        `its engine has not answered for ${answerSeconds} s`,
        'Look at the engine’s log and at its host’s load.',
      );
    }
    const { State: state } = stateSchema.parse(answer);
    if (state.Paused)
      return gone('it is paused', 'Unpause it (`docker unpause`), and leave Tare’s containers alone.');
    if (state.Running) return { type: 'running' };
    if (state.OOMKilled) return gone('it ran out of memory and was killed', 'Free memory on its host.');
    return gone(
      `it has ended with exit code ${state.ExitCode ?? 'unknown'}`,
      'Look at the engine’s log; if it was ended by hand, start the run again with --resume.',
    );
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) {
      return gone(
        'it was removed',
        'If that was by hand, start the run again with --resume; else look at the engine’s log.',
      );
    }
    return gone(
      `its engine went away (${(error as Error).message.slice(0, 200)})`,
      'Look at the engine’s log; start the run again with --resume.',
    );
  }
}
