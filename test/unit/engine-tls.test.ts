import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findUserEngine } from '../../bench/engine/acquire-engine.ts';
import { connectEngine } from '../../bench/engine/connect.ts';

let folder: string;
let server: Server;
let url: string;

function openssl(...argv: string[]) {
  execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' });
}

/** A key and a certificate `NAME.pem` that an authority signed. */
function sign(name: string, authority: string, dates: string[] = ['-days', '2']) {
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
  );
  writeFileSync(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1\n');
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`],
    ...['-CAcreateserial', '-out', `${name}.pem`, '-extfile', 'extensions', ...dates],
  );
}

/** A folder as DOCKER_CERT_PATH names one. */
function material(client: string | undefined, authority = 'ours'): string {
  const path = mkdtempSync(join(folder, 'material-'));
  copyFileSync(join(folder, `${authority}.pem`), join(path, 'ca.pem'));
  if (client) {
    copyFileSync(join(folder, `${client}.pem`), join(path, 'cert.pem'));
    copyFileSync(join(folder, `${client}.key`), join(path, 'key.pem'));
  }
  return path;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-tls-'));
  for (const authority of ['ours', 'theirs']) {
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${authority}`],
      ...['-keyout', `${authority}.key`, '-out', `${authority}.pem`],
    );
  }
  sign('server', 'ours');
  sign('client', 'ours');
  sign('stranger', 'theirs');
  // A certificate that ended as it began.
  sign('ended', 'ours', ['-days', '0']);
  const read = (name: string) => readFileSync(join(folder, name));
  server = createServer(
    {
      key: read('server.key'),
      cert: read('server.pem'),
      ca: read('ours.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const answer = request.url?.includes('version')
        ? { Version: '26.1.5', ApiVersion: '1.45' }
        : { ID: 'over-tls' };
      response.end(JSON.stringify(answer));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 60_000);
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  vi.stubEnv('DOCKER_HOST', '');
  vi.stubEnv('DOCKER_CONTEXT', '');
  vi.stubEnv('DOCKER_TLS_VERIFY', '1');
});
afterEach(() => vi.unstubAllEnvs());

const connect = () => connectEngine(url, { ownership: 'user' });

describe('an engine behind TLS', () => {
  test('is spoken to with the certificates of DOCKER_CERT_PATH', async () => {
    vi.stubEnv('DOCKER_CERT_PATH', material('client'));
    expect((await connect()).id).toBe('over-tls');
  });

  test.each([
    [
      'no client’s certificate',
      () => material(undefined),
      /does not take the client’s certificate|went away/,
    ],
    [
      'one of another authority',
      () => material('stranger'),
      /does not take the client’s certificate|went away/,
    ],
    ['one that has expired', () => material('ended'), /the client’s certificate has expired/],
    [
      'another authority for the engine’s own',
      () => material('client', 'theirs'),
      /not of the authority in ca.pem/,
    ],
  ])('says in a sentence what is wrong with %s', async (_what, path, message) => {
    // The shortest life is a second's.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    vi.stubEnv('DOCKER_CERT_PATH', path());
    const error = await connect().catch((each: unknown) => each as Error);
    expect(error).toMatchObject({ kind: 'infrastructure', message: expect.stringMatching(message) });
    expect((error as Error).message).not.toMatch(/SSL routines|\n/);
    expect((error as { remedy?: string }).remedy).toMatch(/certificate|cert\.pem|ca\.pem/);
  });

  test('is wrong usage where the certificates can’t be read', async () => {
    vi.stubEnv('DOCKER_CERT_PATH', '/nowhere');
    await expect(connect()).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/\/nowhere/),
    });
  });
});

describe('a docker context with TLS', () => {
  function writeContext(endpoint: object, tls: string | undefined) {
    const config = mkdtempSync(join(folder, 'config-'));
    const digest = createHash('sha256').update('mine').digest('hex');
    mkdirSync(join(config, 'contexts', 'meta', digest), { recursive: true });
    const meta = { Name: 'mine', Endpoints: { docker: { Host: url, ...endpoint } } };
    writeFileSync(join(config, 'contexts', 'meta', digest, 'meta.json'), JSON.stringify(meta));
    if (tls) {
      const to = join(config, 'contexts', 'tls', digest, 'docker');
      mkdirSync(to, { recursive: true });
      for (const name of ['ca.pem', 'cert.pem', 'key.pem']) copyFileSync(join(tls, name), join(to, name));
    }
    vi.stubEnv('DOCKER_TLS_VERIFY', '');
    vi.stubEnv('DOCKER_CONFIG', config);
    vi.stubEnv('DOCKER_CONTEXT', 'mine');
  }

  test('is spoken to with its own certificates', async () => {
    writeContext({}, material('client'));
    expect(await findUserEngine()).toMatchObject({ id: 'over-tls', warnings: [] });
  });

  test('that checks no certificate is obeyed, with a warning', async () => {
    writeContext({ SkipTLSVerify: true }, material('client', 'theirs'));
    expect(await findUserEngine()).toMatchObject({
      id: 'over-tls',
      warnings: [expect.stringMatching(/not checked/)],
    });
  });

  test('without TLS takes none from the environment, and is not spoken to in clear beyond loopback', async () => {
    writeContext({ Host: 'tcp://192.0.2.1:2375' }, undefined);
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    await expect(findUserEngine()).rejects.toMatchObject({
      kind: 'usage',
      remedy: expect.stringMatching(/--insecure-tcp/),
    });
  });
});
