import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import type { Engine } from './engine.ts';
import { tareLabel } from './labels.ts';

/** Docker Engine 20.10, the oldest that Tare is tested against. */
const minimumApiVersion = '1.41';

export interface ConnectOptions {
  readonly name?: string;
  readonly ownership: Engine['ownership'];
  /** Seconds to wait for the first answer. */
  readonly timeoutSeconds?: number;
}

/**
 * Connects to one engine and makes sure that it answers and is recent enough.
 * @param url `unix:///path`, `tcp://host:port` (TLS from DOCKER_CERT_PATH where DOCKER_TLS_VERIFY is set),
 *   `ssh://[user@]host`
 * @throws Failure `usage` for an address that can't be one, `infrastructure` where nothing answers
 */
export async function connectEngine(url: string, options: ConnectOptions): Promise<Engine> {
  const docker = new Docker(dockerOptions(url));
  const answer = await answerWithin(docker, url, options.timeoutSeconds ?? 10);
  if (compareVersions(answer.apiVersion, minimumApiVersion) < 0) {
    throw new Failure(
      'infrastructure',
      `engine ${url} is too old: version ${answer.version} speaks API ${answer.apiVersion}, Tare needs ${minimumApiVersion}`,
      'Upgrade it to Docker Engine 20.10 or newer.',
    );
  }
  const { isTares, ...identity } = answer;
  // A daemon that carries Tare's label was started by it, however it is reached.
  const ownership = options.ownership === 'user' && isTares ? 'lab' : options.ownership;
  return { name: options.name ?? shortName(url), url, docker, ownership, ...identity };
}

async function answerWithin(docker: Docker, url: string, timeoutSeconds: number) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${timeoutSeconds} s`)),
      timeoutSeconds * 1000,
    );
  });
  try {
    const [version, info] = await Promise.race([Promise.all([docker.version(), docker.info()]), late]);
    const isTares = [info.Labels ?? []].flat().includes(`${tareLabel}=1`);
    return { version: version.Version, apiVersion: version.ApiVersion, id: String(info.ID), isTares };
  } catch (error) {
    throw new Failure(
      'infrastructure',
      `engine ${url} does not answer: ${error instanceof Error ? error.message : String(error)}`,
      'Check that it runs and that you may reach it: `docker -H URL version` must work.',
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

function dockerOptions(url: string): Docker.DockerOptions {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw badUrl(url);
  }
  switch (parsed.protocol) {
    case 'unix:':
      return { socketPath: parsed.pathname };
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const tls = parsed.protocol === 'https:' || Boolean(process.env.DOCKER_TLS_VERIFY);
      return {
        host: parsed.hostname,
        port: Number(parsed.port || (tls ? 2376 : 2375)),
        protocol: tls ? 'https' : 'http',
        ...(tls ? certificates() : {}),
      };
    }
    case 'ssh:':
      return {
        protocol: 'ssh',
        host: parsed.hostname,
        port: Number(parsed.port || 22),
        ...(parsed.username ? { username: decodeURIComponent(parsed.username) } : {}),
        ...(process.env.SSH_AUTH_SOCK ? { sshOptions: { agent: process.env.SSH_AUTH_SOCK } } : {}),
      };
    default:
      throw badUrl(url);
  }
}

function badUrl(url: string): Failure {
  return new Failure(
    'usage',
    `"${url}" is not an engine's address`,
    'Give unix:///path/to.sock, ssh://user@host or tcp://host:port.',
  );
}

function certificates(): Pick<Docker.DockerOptions, 'ca' | 'cert' | 'key'> {
  const directory = process.env.DOCKER_CERT_PATH;
  if (!directory) {
    throw new Failure(
      'usage',
      'TLS was asked for, but DOCKER_CERT_PATH is not set',
      'Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.',
    );
  }
  try {
    const read = (file: string) => readFileSync(join(directory, file));
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    throw new Failure(
      'usage',
      `the certificates in ${directory} can't be read: ${(error as Error).message}`,
      'Put ca.pem, cert.pem and key.pem there, readable by you.',
      { cause: error },
    );
  }
}

function shortName(url: string): string {
  const parsed = new URL(url);
  return parsed.hostname || 'local';
}

/** Compares dotted version numbers; text after the numbers is ignored. Negative where a is the older. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const left = numbers(a);
  const right = numbers(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
