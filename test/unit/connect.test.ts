import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownFault } from '../../bench/cli/known-fault.ts';
import { compareVersions, connectEngine } from '../../bench/engine/connect.ts';

/** An engine that only tells its version; a real one is connected to by every test in test/engine. */
async function engineThatSays(apiVersion: string, run: (url: string) => Promise<void>): Promise<void> {
  const socket = join(await mkdtemp(join(tmpdir(), 'tare-connect-')), 'engine.sock');
  const server = createServer((request, response) => {
    const isInfo = request.url?.includes('/info');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isInfo ? { ID: 'x' } : { Version: '19.03.1', ApiVersion: apiVersion }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    await run(`unix://${socket}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('connectEngine', () => {
  it('refuses an engine whose API is older than 1.41, by name', async () => {
    await engineThatSays('1.40', async (url) => {
      await expect(connectEngine(url, { ownership: 'user' })).rejects.toThrow(
        /too old: version 19.03.1 speaks API 1.40/,
      );
    });
  });

  it('takes 1.41 and newer', async () => {
    await engineThatSays('1.41', async (url) => {
      expect(await connectEngine(url, { ownership: 'user' })).toMatchObject({
        apiVersion: '1.41',
        id: 'x',
        name: 'local',
      });
    });
  });

  it.each(['unix:///nowhere/at.all', 'tcp://127.0.0.1:1'])('says that %s does not answer', async (url) => {
    await expect(connectEngine(url, { ownership: 'user' })).rejects.toThrow(/does not answer/);
  });

  it.each(['pigeon://a', 'nonsense', ''])('refuses the address %j', async (url) => {
    await expect(connectEngine(url, { ownership: 'user' })).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('compareVersions', () => {
  it.each([
    ['1.41', '1.9', 1],
    ['1.41', '1.41', 0],
    ['20.10.24+dfsg1', '20.10.3', 1],
    ['26.1', '26.1.5', -1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});

describe('knownFault', () => {
  it.each([
    [Object.assign(new Error('write'), { code: 'ENOSPC' }), /no space left/],
    [
      Object.assign(new Error('(HTTP code 500) server error - write /x: no space left on device'), {
        statusCode: 500,
      }),
      /no space/,
    ],
    [
      Object.assign(new Error('(HTTP code 404) no such image - No such image: a'), { statusCode: 404 }),
      /refused: No such image: a/,
    ],
    [Object.assign(new Error('connect ECONNREFUSED /x'), { code: 'ECONNREFUSED' }), /went away/],
  ])('explains %s', (error, message) => {
    expect(knownFault(error)?.message).toMatch(message);
    expect(knownFault(error)?.remedy).toMatch(/\w/);
  });
  it.each([
    ['ENOENT', 'open', /\/out\/run\.json is not there/],
    ['EACCES', 'mkdir', /\/out\/run\.json may not be used by you/],
    ['EROFS', 'mkdir', /\/out\/run\.json is on a read-only file system/],
    ['ENOTDIR', 'mkdir', /\/out\/run\.json lies below a file/],
    ['ENOSPC', 'write', /no space left on the disk of \/out\/run\.json/],
  ])('%s of a file is the file’s, not the engine’s', (code, syscall, message) => {
    const error = Object.assign(new Error(`${code}: x, ${syscall} '/out/run.json'`), {
      code,
      syscall,
      path: '/out/run.json',
    });
    const fault = knownFault(error);
    expect(fault?.message).toMatch(message);
    expect(`${fault?.message} ${fault?.remedy}`).not.toMatch(/engine|docker/);
  });
  it('takes a pipe or connection of unknown origin for nobody’s', () => {
    for (const code of ['EPIPE', 'ECONNRESET'])
      expect(knownFault(Object.assign(new Error(code), { code }))).toBeUndefined();
  });
  it('leaves the unforeseen alone', () => {
    expect(knownFault(new TypeError('x is not a function'))).toBeUndefined();
  });
});
