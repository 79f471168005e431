import { Failure } from '../../results/failure.ts';
import {
  type AcquiredEngine,
  acquireEngine,
  acquireOwnEngine,
  findUserEngine,
} from '../engine/acquire-engine.ts';
import { findPrivateEngine } from '../engine/private-engine.ts';

export interface LabHostOptions {
  /** On the engine that Docker's client would use, if there is one, instead of one of Tare's own. */
  readonly onUserEngine?: boolean | undefined;
  readonly progress: (text: string) => void;
  /** Ends the waiting for whoever starts or stops it now. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The engine for a lab to stand on: one of Tare's own, in namespaces of its own, since a lab's nodes may do whatever
 * root may; somebody's only where that was asked for.
 * @throws Failure `infrastructure` where none can be started
 */
export async function acquireLabHost({ onUserEngine, ...options }: LabHostOptions): Promise<AcquiredEngine> {
  if (onUserEngine) return acquireEngine(options);
  try {
    return await acquireOwnEngine(options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      'infrastructure',
      `the lab has no engine of Tare’s own to stand on (${error.message})`,
      `${error.remedy} Or let it stand on yours: --lab-on-user-engine; its nodes are as good as root there.`,
      { cause: error },
    );
  }
}

/** The same, where it runs already. */
export async function findLabHost({
  onUserEngine,
}: Pick<LabHostOptions, 'onUserEngine'>): Promise<AcquiredEngine | undefined> {
  if (!onUserEngine) {
    return (await findPrivateEngine()) && acquireOwnEngine({ progress: () => undefined });
  }
  const engine = await findUserEngine();
  return engine && { engine, release: async () => false };
}
