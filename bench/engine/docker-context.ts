import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';

/** Where the certificates of a TLS connection lie; each may be absent but for what the engine asks. */
export interface TlsMaterial {
  /** Folder with ca.pem, cert.pem and key.pem. */
  readonly folder: string;
  /** True where the engine's own certificate is not to be checked. */
  readonly skipVerify: boolean;
}

/** An engine as Docker's own client is told of it. */
export interface NamedEngine {
  readonly url: string;
  /** Absent for a connection without TLS. */
  readonly tls?: TlsMaterial | undefined;
  /** What names it, in words: nobody wrote the address on the command line. */
  readonly namedBy: string;
}

const clientConfig = z.looseObject({ currentContext: z.string().optional() });
const contextMeta = z.looseObject({
  Endpoints: z.looseObject({
    docker: z.looseObject({ Host: z.string().min(1), SkipTLSVerify: z.boolean().optional() }),
  }),
});

/**
 * The engine that Docker's client is told to use: by DOCKER_HOST, else by the current context (`docker context use`).
 * @returns undefined where neither names one
 * @throws Failure `usage` for a context that is not there
 */
export function namedEngine(): NamedEngine | undefined {
  const url = process.env.DOCKER_HOST;
  if (url) {
    const full = url.includes('://') ? url : `tcp://${url}`;
    return { url: full, tls: full.startsWith('tcp:') ? environmentTls() : undefined, namedBy: 'DOCKER_HOST' };
  }
  return contextEngine();
}

/** TLS as the environment asks for it, which holds for tcp:// addresses only. */
export function environmentTls(): TlsMaterial | undefined {
  if (!process.env.DOCKER_TLS_VERIFY) return undefined;
  const folder = process.env.DOCKER_CERT_PATH;
  if (!folder) {
    throw new Failure(
      'usage',
      'TLS was asked for, but DOCKER_CERT_PATH is not set',
      'Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.',
    );
  }
  return { folder, skipVerify: false };
}

function contextEngine(): NamedEngine | undefined {
  const folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker');
  const config = readJson(join(folder, 'config.json'), clientConfig);
  const name = process.env.DOCKER_CONTEXT || config?.currentContext;
  if (!name || name === 'default') return undefined;
  const digest = createHash('sha256').update(name).digest('hex');
  const endpoint = readJson(join(folder, 'contexts', 'meta', digest, 'meta.json'), contextMeta)?.Endpoints
    .docker;
  if (!endpoint) {
    throw new Failure(
      'usage',
      `the docker context "${name}" is not known`,
      // The variable holds against what `docker context use` chose.
      process.env.DOCKER_CONTEXT
        ? 'It is what DOCKER_CONTEXT says: unset that, or name one of `docker context ls`.'
        : 'Choose one of `docker context ls` with `docker context use NAME`.',
    );
  }
  const material = join(folder, 'contexts', 'tls', digest, 'docker');
  const skipVerify = endpoint.SkipTLSVerify === true;
  const hasTls = skipVerify || existsSync(material);
  return {
    url: endpoint.Host,
    tls: hasTls ? { folder: material, skipVerify } : undefined,
    namedBy: `the docker context "${name}"`,
  };
}

function readJson<T extends z.ZodType>(file: string, schema: T): z.infer<T> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
