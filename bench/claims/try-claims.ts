import { type Evidence, notTested } from '../../results/evidence.ts';
import { describeFailure } from '../../results/failure.ts';
import type { Listener } from '../run/events.ts';

/** A claim that is put to the test by trying, with its number in the guide's list. */
export interface TriedClaim<Stage> {
  readonly claim: number;
  readonly test: (stage: Stage) => Promise<Evidence>;
}

export interface TryOptions<Stage extends Abandonable> {
  readonly claims: readonly TriedClaim<Stage>[];
  readonly stage: Stage;
  /** What an earlier part of the run found; only what it could not test is tried again. */
  readonly earlier: readonly Evidence[];
  /** Keeps what has been found so far; called after each claim, so that a kill loses one at most. */
  readonly record: (evidence: readonly Evidence[]) => Promise<void>;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

interface Abandonable {
  /** Takes down what a test under way stands on, so that it ends. */
  abandon(): Promise<void>;
}

/**
 * Tries claims one after the other. Whatever goes wrong with one becomes its own reason; it never throws for a test.
 * @returns evidence of every claim, in their order
 */
export async function tryClaims<Stage extends Abandonable>(
  options: TryOptions<Stage>,
): Promise<readonly Evidence[]> {
  const { claims, stage, record, listener, signal } = options;
  const found = new Map(options.earlier.map((each) => [each.claim, each]));
  const all = () => claims.flatMap(({ claim }) => found.get(claim) ?? []);
  const interruption = new Promise<'interrupted'>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  let tried = 0;
  for (const { claim, test } of claims) {
    tried += 1;
    const known = found.get(claim);
    if (known && known.verdict !== 'not-tested') continue;
    if (signal.aborted) {
      found.set(claim, known ?? notTested(claim, 'The run was interrupted before it was tried.'));
      continue;
    }
    listener({ type: 'step', text: `Trying claim ${claim} of the guide (${tried} of ${claims.length})` });
    const underWay = Promise.resolve()
      .then(() => test(stage))
      .catch((error: unknown) => notTested(claim, `It could not be tried: ${reasonOf(error)}`));
    const outcome = await Promise.race([underWay, interruption]);
    if (outcome === 'interrupted') {
      found.set(claim, known ?? notTested(claim, 'The run was interrupted while it was tried.'));
      await stage.abandon();
      await underWay;
    } else {
      found.set(claim, outcome);
      if (outcome.verdict === 'not-tested') {
        listener({ type: 'warning', text: `claim ${claim} was not tested: ${outcome.reason}` });
      }
    }
    await record(all());
  }
  await record(all());
  return all();
}

function reasonOf(error: unknown): string {
  return `${describeFailure(error).replace(/\.$/, '') || 'no reason was given'}.`;
}
