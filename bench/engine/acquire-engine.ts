import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { connectEngine } from './connect.ts';
import type { Engine } from './engine.ts';
import { findPrivateEngine, keepPrivateEngine, startPrivateEngine } from './private-engine.ts';

export interface AcquiredEngine {
  readonly engine: Engine;
  /** Gives it back: a private engine stops with its last user, anyone else's is left as it is. */
  release(): Promise<boolean>;
}

export interface AcquireOptions {
  readonly progress: (text: string) => void;
  /** Leave a private engine running after this process, as a lab on it does. */
  readonly keep?: boolean;
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
  const user = await findUserEngine();
  if (user) return { engine: user, release: async () => false };
  const running = await findPrivateEngine();
  if (!running && options.startPrivate === false) return undefined;
  if (!running) options.progress('Starting a private Docker Engine');
  const acquired = await startPrivateEngine();
  if (options.keep) keepPrivateEngine(true);
  return acquired;
}

/**
 * The engine that Docker's own client would talk to.
 * @returns undefined where nothing answers at the default socket
 * @throws Failure `infrastructure` where an engine was named (DOCKER_HOST, context) and does not answer
 */
export async function findUserEngine(): Promise<Engine | undefined> {
  const named = process.env.DOCKER_HOST || contextHost();
  if (named && named !== defaultSocket) return connectEngine(named, { ownership: 'user' });
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

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string } };
}

/** Address of the current docker context, as `docker context use` leaves it; undefined for the default one. */
function contextHost(): string | undefined {
  const folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker');
  const name =
    process.env.DOCKER_CONTEXT ||
    readJson<{ currentContext?: string }>(join(folder, 'config.json'))?.currentContext;
  if (!name || name === 'default') return undefined;
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = readJson<ContextMeta>(join(folder, 'contexts', 'meta', digest, 'meta.json'));
  const host = meta?.Endpoints?.docker?.Host;
  if (!host) {
    throw new Failure(
      'usage',
      `the docker context "${name}" is not known`,
      'Choose one of `docker context ls` with `docker context use NAME`.',
    );
  }
  return host;
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
