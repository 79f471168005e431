import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectEngine } from '../../bench/engine/connect.ts';
import { explainSsh } from '../../bench/engine/ssh-agent.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';
import { TestSshd, withoutSshd } from '../fixtures/sshd.ts';

const user = { ownership: 'user' } as const;

describe.skipIf(withoutSshd)(`an engine behind ssh${withoutSshd ? ` (${withoutSshd})` : ''}`, () => {
  let fake: FakeEngine;
  let sshd: TestSshd;
  let state: string;
  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'tare-state-'));
    fake = await FakeEngine.start();
    sshd = await TestSshd.start(fake.url);
  });
  afterAll(async () => {
    await sshd?.stop();
    await fake?.stop();
    rmSync(state, { recursive: true, force: true });
  });
  beforeEach(() => {
    vi.stubEnv('PATH', sshd.path);
    vi.stubEnv('TARE_STATE', state);
    sshd.know(sshd.keyOf('host'));
    sshd.useKey('user');
  });
  afterEach(() => vi.unstubAllEnvs());

  test('is reached by an alias of ~/.ssh/config, with a key file and without an agent', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', '');
    expect(await connectEngine('ssh://one', user)).toMatchObject({ id: fake.id, name: 'one' });
  });

  test('is reached without a user name, with one, and at a socket of its own', async () => {
    const { port, user: name } = sshd;
    for (const url of [`ssh://127.0.0.1:${port}`, `ssh://${name}@127.0.0.1:${port}`]) {
      expect((await connectEngine(url, user)).id).toBe(fake.id);
    }
    const other = await FakeEngine.start();
    try {
      const url = `ssh://127.0.0.1:${port}${other.url.slice('unix://'.length)}`;
      expect((await connectEngine(url, user)).id).toBe(other.id);
    } finally {
      await other.stop();
    }
  });

  test('pays for one handshake, however many requests there are at once', async () => {
    const { docker } = await connectEngine('ssh://one', user);
    const before = sshd.counts();
    await Promise.all(Array.from({ length: 6 }, () => docker.listNetworks()));
    for (let count = 0; count < 10; count++) await docker.listContainers();
    const after = sshd.counts();
    expect(after.handshakes).toBe(before.handshakes);
    expect(after.dials.length - before.dials.length).toBeLessThanOrEqual(6);
  });

  test('more open streams than one connection takes go over another', async () => {
    const { docker } = await connectEngine('ssh://one', user);
    const before = sshd.counts();
    const container = await docker.createContainer({ Image: 'a' });
    await container.start();
    const streams = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const exec = await container.exec({ Cmd: ['sh'], AttachStdin: true, AttachStdout: true });
        return exec.start({ hijack: true, stdin: true });
      }),
    );
    expect(sshd.counts().handshakes - before.handshakes).toBeLessThanOrEqual(2);
    for (const stream of streams) stream.destroy();
    await container.remove({ force: true });
  });

  test('whose host key is not known, or another than is known, is not spoken to', async () => {
    sshd.know(undefined);
    await expect(connectEngine('ssh://one', user)).rejects.toMatchObject({
      message: expect.stringMatching(/host key of one is not known/),
      remedy: expect.stringMatching(/`ssh one`/),
    });
    sshd.know(sshd.keyOf('stranger'));
    await expect(connectEngine('ssh://one', user)).rejects.toThrow(/is not the one that is known/);
  });

  test('that takes none of the keys says so', async () => {
    sshd.useKey('stranger');
    await expect(connectEngine('ssh://one', user)).rejects.toThrow(/takes none of your keys/);
  });

  test('that hangs fails at its deadline', async () => {
    fake.order('GET /info', { type: 'hung' });
    try {
      await expect(connectEngine('ssh://one', { ...user, timeoutSeconds: 2 })).rejects.toThrow(
        /does not answer: nothing to GET \/info within 2 s/,
      );
    } finally {
      fake.relent();
    }
  });

  test('that does not run, or has no docker command, says so', async () => {
    const idle = await TestSshd.start('unix:///nowhere/docker.sock');
    const bare = await TestSshd.start(fake.url, { docker: 'none' });
    try {
      vi.stubEnv('PATH', idle.path);
      await expect(connectEngine('ssh://one', user)).rejects.toThrow(/no Docker Engine runs on one/);
      vi.stubEnv('PATH', bare.path);
      await expect(connectEngine('ssh://one', user)).rejects.toThrow(/no docker command on one/);
    } finally {
      await idle.stop();
      await bare.stop();
    }
  });
});

test('without an ssh program the remedy is to install one', async () => {
  vi.stubEnv('PATH', '/nowhere');
  try {
    await expect(connectEngine('ssh://one', user)).rejects.toThrow(/no ssh program here/);
  } finally {
    vi.unstubAllEnvs();
  }
});

describe('ssh’s own words', () => {
  test.each([
    ['root@one: Permission denied (publickey).', /takes none of your keys/],
    ['ssh: Could not resolve hostname one: Name or service not known', /Could not resolve hostname/],
    ['bash: line 1: docker: command not found', /no docker command/],
    ['sh: 1: docker: not found', /no docker command/],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
      /may not use Docker/,
    ],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      /no Docker Engine runs/,
    ],
    [
      'failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: permission denied',
      /may not use Docker/,
    ],
    [
      'failed to open the raw stream connection: dial unix /nowhere/x.sock: connect: no such file or directory',
      /no Docker Engine runs/,
    ],
    ['kex_exchange_identification: \u001b[2Jread', /kex_exchange/],
    ['', /ended with 255/],
  ])('%j', (said, message) => {
    const trouble = explainSsh({ host: 'one', user: undefined, port: undefined }, 255, said);
    expect(trouble.message).toMatch(message);
    expect(trouble.message).not.toContain('\u001b');
    expect(trouble.remedy).toMatch(/\w/);
  });

  test.each([
    ['Host key verification failed.', '(`ssh -p 2223 me@one`)'],
    ['me@one: Permission denied (publickey).', '`ssh -p 2223 me@one` must'],
    ['ssh: connect to host one port 2223: Connection refused', '`ssh -p 2223 me@one docker version` must'],
    ['WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!', "`ssh-keygen -R '[one]:2223'`"],
  ])('%j: what is to be tried goes where Tare went', (said, command) => {
    expect(explainSsh({ host: 'one', user: 'me', port: 2223 }, 255, said).remedy).toContain(command);
  });
});
