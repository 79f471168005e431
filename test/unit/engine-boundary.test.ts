import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limitsOf } from '../../bench/engine/call-limits.ts';
import { connectEngine, connectEngines, namedApart } from '../../bench/engine/connect.ts';
import { connectionTo } from '../../bench/engine/connection.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import type { EngineFault } from '../../bench/engine/engine-fault.ts';
import { EngineModem } from '../../bench/engine/engine-modem.ts';
import { waitingCalls } from '../../bench/engine/waiting-calls.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-boundary-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listening(where: string | number, answer: Answer): Promise<Server> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) =>
    typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve),
  );
  return server;
}

const json = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

/** Answers the first questions as an engine does, and the rest as told. */
const engineThat =
  (answer: Answer, info: object = { ID: 'stand-in' }, version: object = {}): Answer =>
  (request, response) => {
    if (request.url?.endsWith('/version')) {
      return json(response, { Version: '26.1.5', ApiVersion: '1.45', ...version });
    }
    if (request.url?.endsWith('/info')) return json(response, info);
    answer(request, response);
  };

async function engineAt(name: string, answer: Answer): Promise<string> {
  const socket = join(folder, name);
  await listening(socket, answer);
  return `unix://${socket}`;
}

/** A client whose patience is short. */
async function dockerTo(answer: Answer, seconds = 0.3): Promise<Docker> {
  const url = await engineAt('engine.sock', answer);
  const { connection } = connectionTo({ url, tls: undefined, insecureTcp: false });
  const modem = new EngineModem(connection, () => ({ answerSeconds: seconds, idleSeconds: seconds }));
  return new Docker({ modem } as never);
}

const events = (docker: Docker, stream: NodeJS.ReadableStream) =>
  new Promise<unknown[]>((resolve, reject) =>
    docker.modem.followProgress(stream, (error: Error | null, all: unknown[]) =>
      error ? reject(error) : resolve(all),
    ),
  );

describe('an engine that hangs', () => {
  test('fails the call at its deadline, by name, address and call', async () => {
    const docker = await dockerTo(() => undefined);
    await expect(docker.listContainers()).rejects.toMatchObject({
      kind: 'infrastructure',
      call: 'GET /containers/json',
      code: 'ETIMEDOUT',
      message: expect.stringMatching(
        /engine .*engine.sock has not answered GET \/containers\/json for 0.3 s/,
      ),
    });
  });

  test('also where it drips its answer', async () => {
    const docker = await dockerTo((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    });
    await expect(docker.listNetworks()).rejects.toMatchObject({ name: 'Failure', code: 'ETIMEDOUT' });
  });

  test('in the midst of a stream', async () => {
    const docker = await dockerTo((_request, response) => {
      response.writeHead(200);
      response.write('{"stream":"a"}\n');
    });
    const stream = await docker.loadImage(PassThrough.from([Buffer.from('x')]) as never);
    await expect(events(docker, stream)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('while something is sent to it that it does not take', async () => {
    const docker = await dockerTo((request) => void request.pause());
    const much = new PassThrough();
    const chunk = Buffer.alloc(1024 * 1024);
    const fill = () => {
      while (much.write(chunk));
    };
    much.on('drain', fill);
    fill();
    await expect(docker.loadImage(much)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('is named with its silence while it is waited for', async () => {
    const docker = await dockerTo(() => undefined, 0.5);
    const call = docker.info().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(waitingCalls()).toMatchObject([{ call: 'GET /info' }]);
    expect(waitingCalls()[0]?.silentSeconds).toBeGreaterThan(0.1);
    await call;
    expect(waitingCalls()).toEqual([]);
  });

  test('every call has a deadline', () => {
    for (const call of [
      'GET /info',
      'DELETE /networks/a',
      'POST /containers/a/start',
      'POST /build',
      'GET /x',
    ])
      expect(limitsOf(call).answerSeconds).toBeLessThanOrEqual(600);
  });
});

describe('an engine that answers what no engine says', () => {
  test.each([
    ['no JSON', '<html>', /no JSON/],
    ['nothing', '', /no JSON/],
    ['something else', '{"a":1}', /what no engine says/],
    ['an id that is a path', '[{"Id":"../../bin","Names":[]}]', /Id: is no id/],
    ['an option as an id', '[{"Id":"--privileged","Names":[]}]', /Id: is no id/],
  ])('%s', async (_what, body, message) => {
    const docker = await dockerTo((_request, response) => void response.end(body));
    await expect(docker.listContainers()).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(message),
    });
  });

  test.each([`sha256:../../../bin`, 'sha256:abc', `sha256:${'A'.repeat(64)}`, 7])(
    'an image whose id is %s',
    async (Id) => {
      const docker = await dockerTo((_request, response) => json(response, { Id }));
      await expect(docker.getImage('tare/toolbox:1').inspect()).rejects.toThrow(/Id:/);
    },
  );

  test('an address with a command behind it', async () => {
    const Swarm = {
      LocalNodeState: 'active',
      NodeID: 'n1',
      NodeAddr: '10.0.0.1; touch x #',
      ControlAvailable: true,
    };
    const url = await engineAt(
      'engine.sock',
      engineThat(() => undefined, { ID: 'x', Swarm }),
    );
    await expect(connectEngine(url, { ownership: 'user' })).rejects.toThrow(/Swarm.NodeAddr/);
  });

  test('a process id that is text', async () => {
    const docker = await dockerTo((_request, response) =>
      json(response, { Id: 'a1', State: { Pid: '1; id' } }),
    );
    await expect(docker.getContainer('a1').inspect()).rejects.toThrow(/State.Pid/);
  });

  test('control characters reach no terminal', async () => {
    const docker = await dockerTo((_request, response) =>
      json(response, { message: 'no \u001b]0;title\u0007 such\nnetwork' }, 500),
    );
    const error = await docker
      .getNetwork('a')
      .remove()
      .catch((each: unknown) => each);
    expect((error as EngineFault).message).toMatch(/refused: no \]0;title such network/u);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point
    expect((error as EngineFault).message).not.toMatch(/[\u0000-\u001f]/);
  });

  test('more than anybody reads', async () => {
    const docker = await dockerTo((_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(1024 * 1024)));
      };
      response.on('drain', more);
      more();
    }, 20);
    await expect(docker.listContainers()).rejects.toThrow(/more than 32 MiB/);
  });

  test.each([
    ['no JSON', 'oops\n', /no JSON \(oops\)/],
    ['no object', '7\n', /no object/],
    ['a line without end', 'x'.repeat(2 * 1024 * 1024), /without end/],
  ])('in a stream: %s', async (_what, body, message) => {
    const docker = await dockerTo((_request, response) => void response.end(body), 20);
    const stream = await docker.pull('debian:trixie-slim');
    await expect(events(docker, stream)).rejects.toThrow(message);
  });
});

describe('a connection that breaks', () => {
  test('is the engine’s fault, and says so', async () => {
    const docker = await dockerTo((request) => void request.socket.destroy());
    const error = await docker.info().catch((each: unknown) => each);
    expect(error).toMatchObject({
      code: 'ECONNRESET',
      message: expect.stringMatching(/went away: it ended the connection/),
    });
  });

  test('that was kept, and closed on the other side, is asked again where that changes nothing', async () => {
    const sockets = new WeakMap<object, number>();
    const docker = await dockerTo((request, response) => {
      const count = (sockets.get(request.socket) ?? 0) + 1;
      sockets.set(request.socket, count);
      if (count > 1) return void request.socket.destroy();
      json(response, request.method === 'GET' ? [] : { Id: 'a1' });
    }, 5);
    await docker.listNetworks();
    expect(await docker.listNetworks()).toEqual([]);
    await expect(docker.createNetwork({ Name: 'a' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('also in the midst of an answer', async () => {
    const docker = await dockerTo((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      setTimeout(() => request.socket.destroy(), 20);
    });
    await expect(docker.info()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('TLS that is not set is told from a refusal', async () => {
    const docker = await dockerTo((_request, response) => {
      response.writeHead(400);
      response.end('Client sent an HTTP request to an HTTPS server.');
    });
    await expect(docker.info()).rejects.toMatchObject({
      message: expect.stringMatching(/speaks TLS/),
      remedy: expect.stringMatching(/DOCKER_TLS_VERIFY/),
    });
  });

  test('TLS where none is spoken', async () => {
    const server = await listening(0, () => undefined);
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(folder, 'ca.pem'), '');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', folder);
    await expect(connectEngine(`tcp://127.0.0.1:${port}`, { ownership: 'user' })).rejects.toThrow(
      /does not speak TLS/,
    );
  });
});

describe('which engine', () => {
  test('an exported DOCKER_HOST does not win over an explicit one', async () => {
    const url = await engineAt(
      'right.sock',
      engineThat(() => undefined, { ID: 'right' }),
    );
    const wrong = await listening(
      0,
      engineThat(() => undefined, { ID: 'wrong' }),
    );
    vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${(wrong.address() as AddressInfo).port}`);
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', '/nowhere');
    vi.stubEnv('DOCKER_PATH_PREFIX', '/elsewhere');
    const engine = await connectEngine(url, { ownership: 'user' });
    expect(engine.id).toBe('right');
    expect(await engine.docker.info()).toMatchObject({ ID: 'right' });
  });

  test('another in the place of the private engine or a lab’s node is not taken for it', async () => {
    const url = await engineAt(
      'engine.sock',
      engineThat(() => undefined),
    );
    for (const options of [{ ownership: 'private' }, { ownership: 'lab', hostName: '0123456789ab' }] as const)
      await expect(connectEngine(url, options)).rejects.toThrow(/is not Tare's/);
  });

  test('the private engine of an older Tare, which bore no mark, is told from another in its place', async () => {
    const url = await engineAt(
      'engine.sock',
      engineThat(() => undefined, { ID: 'older', DockerRootDir: join(folder, 'data'), Labels: ['tare=1'] }),
    );
    await expect(connectEngine(url, { ownership: 'private' })).rejects.toMatchObject({
      message: `another version of Tare started the private engine at ${url}`,
      remedy: 'Stop it with `tare clean`.',
    });
  });

  test('a socket’s path may have a blank', async () => {
    const url = await engineAt(
      'an engine.sock',
      engineThat(() => undefined),
    );
    expect(await connectEngine(url, { ownership: 'user' })).toMatchObject({ id: 'stand-in', url });
  });

  test('a newer engine is asked to speak the newest version that is known, an older one its own', async () => {
    const asked: (string | undefined)[] = [];
    const answer: Answer = (request, response) => {
      asked.push(request.url);
      json(response, []);
    };
    const newer = await engineAt(
      'new.sock',
      engineThat(answer, undefined, { ApiVersion: '1.60', MinAPIVersion: '1.44' }),
    );
    const older = await engineAt('old.sock', engineThat(answer, undefined, { ApiVersion: '1.41' }));
    const future = await engineAt(
      'far.sock',
      engineThat(answer, undefined, { ApiVersion: '1.99', MinAPIVersion: '1.70' }),
    );
    for (const url of [newer, older, future]) {
      const engine = await connectEngine(url, { ownership: 'user' });
      await engine.docker.listNetworks();
    }
    expect(asked).toEqual(['/v1.51/networks', '/networks', '/networks']);
  });
});

describe('names', () => {
  const engine = (id: string, url: string, name: string, hostName?: string) =>
    ({ id, url, name, hostName, docker: {} }) as unknown as Engine;

  test('are short where they tell engines apart', () => {
    const engines = [engine('a', 'unix:///a.sock', 'local'), engine('b', 'ssh://me@two', 'two')];
    expect(namedApart(engines).map(({ name }) => name)).toEqual(['local', 'two']);
  });

  test('else the hosts’, else the sockets’', () => {
    const [a, b] = [
      engine('a', 'unix:///a.sock', 'local', 'one'),
      engine('b', 'unix:///b.sock', 'local', 'two'),
    ];
    expect(namedApart([a, b]).map(({ name }) => name)).toEqual(['one', 'two']);
    const same = { ...b, hostName: 'one' };
    expect(namedApart([a, same]).map(({ name }) => name)).toEqual(['/a.sock', '/b.sock']);
  });

  test('are in messages', async () => {
    const answer = engineThat((_request, response) => json(response, { message: 'no' }, 500));
    const urls = [
      await engineAt('a.sock', answer),
      await engineAt('b.sock', engineThat(answer, { ID: 'other' })),
    ];
    const engines = await connectEngines(urls, {});
    expect(new Set(engines.map(({ name }) => name)).size).toBe(2);
    for (const { name, docker } of engines)
      await expect(docker.listNetworks()).rejects.toThrow(`engine ${name} refused: no`);
  });
});

describe('addresses', () => {
  test.each([
    ['tcp://192.0.2.1:2375', /in clear/, /--insecure-tcp/],
    ['tcp://engine.example', /in clear/, /ssh:\/\//],
    ['https://127.0.0.1:2376', /is not how/, /tcp:\/\/127.0.0.1:2376, with DOCKER_TLS_VERIFY/],
    ['ssh://me:secret@one', /password/, /key/],
    ['ssh://-oProxyCommand=touch%20x/', /is not an engine/, /ssh:\/\/user@host/],
    ['ssh://-oProxyCommand=x@one', /is not an engine/, /ssh:\/\/user@host/],
    ['ssh://one/a;b', /is not an engine/, /ssh:\/\/user@host/],
    ['ssh://one two', /is not an engine/, /ssh:\/\/user@host/],
    ['tcp://one:2375/path', /is not an engine/, /tcp:\/\/host:port/],
    ['unix://relative.sock', /is not an engine/, /unix:\/\//],
    [`unix:///${'a'.repeat(200)}`, /longer than/, /symbolic link/],
  ])('%s is refused with a remedy', async (url, message, remedy) => {
    await expect(connectEngine(url, { ownership: 'user' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
    await expect(connectEngine(url, { ownership: 'user' })).rejects.not.toThrow(/secret/);
  });

  test('--insecure-tcp lets clear text pass, and says so', () => {
    const { warnings } = connectionTo({ url: 'tcp://192.0.2.1', tls: undefined, insecureTcp: true });
    expect(warnings).toEqual([expect.stringMatching(/in clear/)]);
  });

  test('a password is sent to a proxy before the engine and shown to nobody', async () => {
    const seen: (string | undefined)[] = [];
    const server = await listening(0, (request, response) => {
      seen.push(request.headers.authorization);
      engineThat((_request, answer) => json(answer, {}, 500))(request, response);
    });
    const { port } = server.address() as AddressInfo;
    const engine = await connectEngine(`tcp://me:s3cret@127.0.0.1:${port}`, { ownership: 'user' });
    expect(engine.url).toBe(`tcp://me@127.0.0.1:${port}`);
    expect(seen[0]).toBe(`Basic ${Buffer.from('me:s3cret').toString('base64')}`);
    await expect(engine.docker.listNetworks()).rejects.not.toThrow(/s3cret/);
  });
});
