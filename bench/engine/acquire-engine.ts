import { existsSync } from 'node:fs';
import { Failure } from '../../results/failure.ts';
import { connectEngine, type EngineAccess } from './connect.ts';
import { namedEngine } from './docker-context.ts';
import type { Engine } from './engine.ts';
import { findPrivateEngine, startPrivateEngine } from './private-engine.ts';

export interface AcquiredEngine {
  readonly engine: Engine;
  /** Gives it back: a private engine stops with its last user, anyone else's is left as it is. */
  release(): Promise<boolean>;
}

export interface AcquireOptions extends EngineAccess {
  readonly progress: (text: string) => void;
  /** Ends the waiting for another process that is at the private engine. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The engine of this machine: the one that Docker's own client would talk to, else a private one.
 * @throws Failure `infrastructure` where the engine that DOCKER_HOST or the context names does not answer, or where
 *   none can be reached and none can be started
 */
export async function acquireEngine(options: AcquireOptions): Promise<AcquiredEngine>;
/** The same, but only what runs already: undefined where nothing does. */
export async function acquireEngine(
  options: AcquireOptions & { readonly startPrivate: false },
): Promise<AcquiredEngine | undefined>;
export async function acquireEngine(
  options: AcquireOptions & { readonly startPrivate?: false },
): Promise<AcquiredEngine | undefined> {
  const user = await findUserEngine(options);
  if (user) return { engine: user, release: async () => false };
  if (options.startPrivate === false && !(await findPrivateEngine())) return undefined;
  return acquireOwnEngine(options);
}

/**
 * Tare's own engine, whatever else runs on this machine: for what is nobody else's engine's business.
 * @throws Failure `infrastructure` where it can't be started
 */
export async function acquireOwnEngine(options: AcquireOptions): Promise<AcquiredEngine> {
  if (!(await findPrivateEngine())) options.progress('Starting a private Docker Engine');
  return startPrivateEngine(options);
}

/**
 * The engine that Docker's own client would talk to.
 * @returns undefined where nothing answers at the default socket
 * @throws Failure `infrastructure` where an engine was named (DOCKER_HOST, context) and does not answer
 */
export async function findUserEngine({ insecureTcp }: EngineAccess = {}): Promise<Engine | undefined> {
  const named = namedEngine();
  if (named && named.url !== defaultSocket) {
    try {
      return await connectEngine(named.url, { ownership: 'user', insecureTcp, tls: named.tls ?? 'none' });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(
        error.kind,
        error.message,
        `${error.remedy} It is ${named.namedBy} that names this engine.`,
        {
          cause: error,
        },
      );
    }
  }
  if (!existsSync(new URL(defaultSocket).pathname)) return undefined;
  try {
    return await connectEngine(defaultSocket, { ownership: 'user' });
  } catch (error) {
    // A socket that an engine left behind, or one we may not open: neither is an engine to use.
    const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
    if (cause?.code === 'ECONNREFUSED' || cause?.code === 'ENOENT') return undefined;
    throw error;
  }
}

const defaultSocket = 'unix:///var/run/docker.sock';
