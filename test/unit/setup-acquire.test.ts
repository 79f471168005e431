import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findUserEngine } from '../../bench/engine/acquire-engine.ts';

/** Stands in for an engine: two answers are all that is asked before it is used. test/engine has the real one. */
let folder: string;
let server: Server;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-acquire-'));
  const socket = join(folder, 'engine.sock');
  url = `unix://${socket}`;
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const answer = request.url?.includes('version')
      ? { Version: '26.1.5', ApiVersion: '1.45' }
      : { ID: 'stand-in' };
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  vi.stubEnv('DOCKER_HOST', '');
  vi.stubEnv('DOCKER_CONTEXT', '');
  vi.stubEnv('DOCKER_CONFIG', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeContext(name: string, host: string) {
  const meta = join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
}

describe("the user's engine", () => {
  test('is the one that DOCKER_HOST names', async () => {
    vi.stubEnv('DOCKER_HOST', url);
    expect(await findUserEngine()).toMatchObject({ id: 'stand-in', ownership: 'user', url });
  });

  test('is the one of the current docker context', async () => {
    writeContext('mine', url);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'mine' }));
    expect((await findUserEngine())?.id).toBe('stand-in');
  });

  test('DOCKER_HOST goes before DOCKER_CONTEXT, and that before the current context', async () => {
    writeContext('good', url);
    writeContext('bad', 'unix:///nowhere/at/all.sock');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'bad' }));
    vi.stubEnv('DOCKER_CONTEXT', 'good');
    expect((await findUserEngine())?.id).toBe('stand-in');
    vi.stubEnv('DOCKER_CONTEXT', 'bad');
    vi.stubEnv('DOCKER_HOST', url);
    expect((await findUserEngine())?.id).toBe('stand-in');
  });

  test('that is named and does not answer is a failure, and not a reason to take another', async () => {
    vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/at/all.sock');
    await expect(findUserEngine()).rejects.toMatchObject({ name: 'Failure', kind: 'infrastructure' });
  });

  test.each([
    ['DOCKER_HOST', 'tcp://192.0.2.1:2375', 'usage'],
    ['DOCKER_HOST', 'unix:///nowhere/at/all.sock', 'infrastructure'],
    ['DOCKER_CONTEXT', 'bad', 'infrastructure'],
  ])('by %s=%s fails with a word on what names it', async (variable, value, kind) => {
    writeContext('bad', 'unix:///nowhere/at/all.sock');
    vi.stubEnv(variable, value);
    await expect(findUserEngine()).rejects.toMatchObject({
      kind,
      remedy: expect.stringMatching(/It is (DOCKER_HOST|the docker context "bad") that names this engine\.$/),
    });
  });

  test('of a context that does not exist is wrong usage', async () => {
    vi.stubEnv('DOCKER_CONTEXT', 'gone');
    await expect(findUserEngine()).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('gone'),
      // `docker context use` has no effect while the variable is set.
      remedy: expect.stringContaining('unset'),
    });
  });
});
