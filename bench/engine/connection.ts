import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { join } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { wordsOfFileFault } from '../../results/file-fault.ts';
import type { TlsMaterial } from './docker-context.ts';
import { isLoopback, parseAddress, withoutPassword } from './engine-address.ts';
import type { Connection } from './engine-modem.ts';
import { SshAgent } from './ssh-agent.ts';

// A connection that nobody used for so long may be dead, and say so only to the next who uses it.
const kept = { keepAlive: true, timeout: 30_000 };

export interface ConnectionRequest {
  readonly url: string;
  readonly tls: TlsMaterial | undefined;
  /** Whether an engine may be spoken to in clear over a network. */
  readonly insecureTcp: boolean;
}

/**
 * How to reach an engine, with everything given explicitly: what the environment says of Docker can't change it.
 * @returns the connection, and what is unsafe about it
 * @throws Failure `usage` for an address that can't be one or may not be used, or certificates that can't be read
 */
export function connectionTo(request: ConnectionRequest): { connection: Connection; warnings: string[] } {
  const url = withoutPassword(request.url);
  const address = parseAddress(request.url);
  switch (address.type) {
    case 'unix': {
      const agent = new Agent(kept);
      return { connection: { url, agent, isTls: false, target: { socketPath: address.path } }, warnings: [] };
    }
    case 'ssh': {
      const agent = new SshAgent(address);
      return { connection: { url, agent, isTls: false, target: { host: 'docker', port: 80 } }, warnings: [] };
    }
    case 'tcp': {
      const { host, credentials } = address;
      const headers = credentials
        ? { headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
        : {};
      const { tls } = request;
      if (tls) {
        const material = readMaterial(tls);
        const agent = new TlsAgent({ ...material, ...kept, rejectUnauthorized: !tls.skipVerify });
        const connection = {
          ...{ url, agent, isTls: true, target: { host, port: address.port ?? 2376 }, ...headers },
          ownCertificateEnded: hasEnded(material.cert),
        };
        const warning = `the certificate of ${url} is not checked, as its docker context says: anyone on the way can be that engine`;
        return { connection, warnings: tls.skipVerify ? [warning] : [] };
      }
      if (!isLoopback(host) && !request.insecureTcp) {
        throw new Failure(
          'usage',
          `${url} would be spoken to in clear: anyone on the way could take over its host and this run`,
          'Use ssh://, or TLS (DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH); on a network that you trust, --insecure-tcp.',
        );
      }
      const agent = new Agent(kept);
      const connection = {
        url,
        agent,
        isTls: false,
        target: { host, port: address.port ?? 2375 },
        ...headers,
      };
      return {
        connection,
        warnings: isLoopback(host) ? [] : [`${url} is spoken to in clear (--insecure-tcp)`],
      };
    }
  }
}

function readMaterial({ folder, skipVerify }: TlsMaterial) {
  const read = (file: string) => {
    try {
      return readFileSync(join(folder, file));
    } catch (error) {
      // A context may have a certificate of its own, an authority, or neither.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (skipVerify || file !== 'ca.pem'))
        return undefined;
      throw new Failure(
        'usage',
        `the certificates in ${folder} can't be read: ${wordsOfFileFault(error)}`,
        'Put ca.pem, cert.pem and key.pem there, readable by you.',
        { cause: error },
      );
    }
  };
  const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')];
  if ((cert === undefined) !== (key === undefined)) {
    throw new Failure(
      'usage',
      `${folder} has only one of cert.pem and key.pem`,
      'A client’s certificate needs both, or leave both away.',
    );
  }
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function hasEnded(certificate: Buffer | undefined): boolean {
  if (!certificate) return false;
  try {
    return Date.parse(new X509Certificate(certificate).validTo) < Date.now();
  } catch {
    return false;
  }
}
