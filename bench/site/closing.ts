import { describeFailure } from '../../results/failure.ts';
import type { Leftover } from '../engine/clean-labelled.ts';
import { waitingFor } from '../state/waits.ts';

/** What a step could not remove, and which engines are no more, with all that was on them. */
export interface Closed {
  readonly leftovers?: readonly Leftover[];
  /** Names of the engines that ended. */
  readonly ended?: readonly string[];
}

interface Step {
  /** What is being undone, for whoever asks what is waited for, and where it fails. */
  readonly what: string;
  readonly undo: () => Promise<Closed | undefined>;
}

/** What has to be undone at the end, last first; what fails hinders nothing behind it. */
export class Closing {
  readonly #steps: Step[] = [];

  add(what: string, undo: Step['undo']): void {
    this.#steps.push({ what, undo });
  }

  /** Undoes everything, once. @returns what is still there; never rejects */
  async run(): Promise<readonly Leftover[]> {
    let left: Leftover[] = [];
    for (const { what, undo } of this.#steps.splice(0).reverse()) {
      try {
        const { leftovers = [], ended = [] } = (await waitingFor('step', () => what, undo)) ?? {};
        // What was on an engine that is no more went with it.
        left = [...left, ...leftovers].filter(({ engine }) => !ended.includes(engine));
      } catch (error) {
        const reason = describeFailure(error).trim();
        left.push({ kind: 'engine', name: what, engine: what, reason, command: 'tare clean' });
      }
    }
    return left;
  }
}

/** Waits for all of them, so that none goes on behind what undoes it, and then fails as the first that failed. */
export async function allSettled<T extends readonly unknown[]>(
  works: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const results = await Promise.allSettled(works as readonly Promise<unknown>[]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
