import { isIP } from 'node:net';
import { Failure } from '../../results/failure.ts';

/** An engine's address, taken apart and checked. */
export type EngineAddress =
  | { readonly type: 'unix'; readonly path: string }
  | {
      readonly type: 'tcp';
      readonly host: string;
      readonly port: number | undefined;
      /** `user:password`, for a proxy before the engine. */
      readonly credentials: string | undefined;
    }
  | {
      readonly type: 'ssh';
      readonly host: string;
      readonly user: string | undefined;
      readonly port: number | undefined;
      /** Path of the engine's socket there, where it is not the usual one. */
      readonly socket: string | undefined;
    };

/** The kernel takes no longer path for a socket. */
const longestSocketPath = 107;

/**
 * Takes an address apart: `unix:///path`, `tcp://host[:port]`, `ssh://[user@]host[:port][/path]`.
 * @throws Failure `usage` for what can't be one, with what to write instead
 */
export function parseAddress(url: string): EngineAddress {
  if (url.startsWith('unix://')) return unixAddress(url);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw badAddress(url);
  }
  // Of a scheme that it does not know, URL takes a host as it stands.
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = parsed.port === '' ? undefined : Number(parsed.port);
  const isHost = isIP(host.split('%')[0] ?? '') !== 0 || /^[A-Za-z0-9_]([\w.-]*[\w.])?$/.test(host);
  switch (parsed.protocol) {
    case 'tcp:': {
      if (!isHost || !['', '/'].includes(parsed.pathname) || parsed.search || parsed.hash)
        throw badAddress(url);
      const { username, password } = parsed;
      const credentials =
        username || password ? `${decoded(username, url)}:${decoded(password, url)}` : undefined;
      return { type: 'tcp', host, port, credentials };
    }
    case 'ssh:': {
      if (!isHost || parsed.search || parsed.hash) throw badAddress(url);
      return { type: 'ssh', host, port, user: sshUser(parsed, url), socket: remoteSocket(parsed, url) };
    }
    case 'http:':
    case 'https:':
      throw new Failure(
        'usage',
        `"${withoutPassword(url)}" is not how an engine is addressed`,
        `Write tcp://${parsed.host}${parsed.protocol === 'https:' ? ', with DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH set for TLS' : ''}.`,
      );
    default:
      throw badAddress(url);
  }
}

function unixAddress(url: string): EngineAddress {
  // As Docker's client does: the rest is the path as it stands, blanks and per cents too.
  const path = url.slice('unix://'.length);
  if (!path.startsWith('/') || path.includes('\0')) throw badAddress(url);
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new Failure(
      'usage',
      `the path of the socket ${path} is longer than the ${longestSocketPath} bytes that the kernel takes`,
      'Make a shorter symbolic link to its folder.',
    );
  }
  return { type: 'unix', path };
}

function sshUser(parsed: URL, url: string): string | undefined {
  if (parsed.password) {
    throw new Failure(
      'usage',
      `a password has no place in ${withoutPassword(url)}`,
      'Use a key: `ssh` to that host must work without asking.',
    );
  }
  if (parsed.username === '') return undefined;
  const user = decoded(parsed.username, url);
  if (!/^[\w.][\w.@+\\-]{0,255}$/.test(user)) throw badAddress(url);
  return user;
}

function remoteSocket(parsed: URL, url: string): string | undefined {
  if (['', '/'].includes(parsed.pathname)) return undefined;
  const path = decoded(parsed.pathname, url);
  // ssh hands its words to a shell there.
  if (!/^\/[\w./@+-]{1,255}$/.test(path)) throw badAddress(url);
  return path;
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badAddress(url);
  }
}

function badAddress(url: string): Failure {
  return new Failure(
    'usage',
    `"${withoutPassword(url)}" is not an engine's address`,
    'Give unix:///path/to.sock, ssh://user@host or tcp://host:port.',
  );
}

/** Whether an address is this machine's own, so that nobody else is on the way. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Text in which every address with a password has none: for people and records. */
export function withoutPassword(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*):[^\s/?#]*@/gi, '$1@');
}
