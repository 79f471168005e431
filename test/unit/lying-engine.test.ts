import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../bench/engine/engine.ts';
import { keptImage } from '../../bench/image/builder.ts';
import { ensureOwnCompose, ensureToolbox, matchToolbox } from '../../bench/image/image.ts';
import { pullBase } from '../../bench/image/pull-base.ts';
import { imageName, toolboxRecipe } from '../../bench/image/recipe.ts';
import { nativeArgv, toolboxRootfs } from '../../bench/image/rootfs.ts';
import { ownMachine } from '../../bench/site/cpu.ts';

/** An engine that answers what a test wants it to, over a real socket and the real client. */
let folder: string;
let home: string;
let server: Server;
let engine: Engine;
let image: Record<string, unknown>;
let archive: Buffer;
let requests: string[];

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-lying-'));
  home = join(folder, 'home');
  vi.stubEnv('TARE_STATE', join(home, 'state', 'tare'));
  mkdirSync(join(home, 'bin'), { recursive: true });
  image = {
    Id: digest('a'),
    Created: '2026-01-01T00:00:00Z',
    RootFS: { Layers: [digest('b')] },
    RepoDigests: null,
  };
  archive = tarOf(() => writeFileSync('tare-tools', 'iperf3 3.18-2\n'), ['tare-tools']);
  requests = [];
  server = createServer(answer);
  const socketPath = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const docker = new Docker({ socketPath });
  engine = {
    name: 'liar',
    url: `unix://${socketPath}`,
    docker,
    version: '26',
    apiVersion: '1.45',
    id: 'x',
    ownership: 'user',
  };
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

function answer(request: IncomingMessage, response: ServerResponse) {
  const { method, url = '' } = request;
  requests.push(`${method} ${url}`);
  const json = (value: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  if (/\/images\/.*\/json/.test(url)) return json(image);
  if (url.includes('/info')) return json({ Architecture: 'x86_64', OSType: 'linux' });
  if (url.includes('/images/load')) return json({ stream: 'Loaded' });
  if (url.includes('/containers/create')) return json({ Id: 'c1' }, 201);
  if (url.includes('/export') || url.includes('/archive')) return response.end(archive);
  response.writeHead(204).end();
}

/** A tar file of what a script makes in a folder of its own. */
function tarOf(
  make: (at: string) => void,
  names: readonly string[],
  options: readonly string[] = [],
): Buffer {
  const at = mkdtempSync(join(tmpdir(), 'tare-tar-'));
  const before = process.cwd();
  try {
    process.chdir(at);
    make(at);
    return execFileSync('tar', ['--create', '--absolute-names', ...options, ...names], { cwd: at });
  } finally {
    process.chdir(before);
    rmSync(at, { recursive: true });
  }
}

const rootfs = async () => toolboxRootfs(engine, await ownMachine());
/** Everything below the home folder, which is what the engine would like to write to. */
const written = () =>
  readdirSync(home, { recursive: true })
    .map(String)
    .filter((name) => !/^(bin|state)(\/tare(\/(rootfs|images|locks)(\/builder)?)?)?$/.test(name));

describe('an engine that lies about an image', () => {
  test.each([
    'sha256:../../../bin',
    '../../bin',
    `sha256:${'a'.repeat(63)}/`,
    '',
    `sha256:${'A'.repeat(64)}`,
  ])('is refused where the image id is "%s"', async (id) => {
    image.Id = id;
    await expect(rootfs()).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining('what liar says of'),
    });
    expect(written()).toEqual([]);
    expect(requests.some((each) => each.includes('create'))).toBe(false);
  });

  test.each([
    ['layers that are no digests', { RootFS: { Layers: ['../../etc'] } }],
    ['no layers', { RootFS: {} }],
    ['no id at all', { Id: undefined }],
  ])('is refused with %s', async (_, wrong) => {
    Object.assign(image, wrong);
    await expect(ensureToolbox(engine, () => undefined)).rejects.toMatchObject({ kind: 'infrastructure' });
  });
});

describe('a root file system', () => {
  test('is taken from no engine of another machine, whatever it says', async () => {
    expect(await toolboxRootfs(engine, 'another boot id')).toBeUndefined();
    const remote = { ...engine, url: 'tcp://127.0.0.1:2376' };
    expect(await toolboxRootfs(remote, await ownMachine())).toBeUndefined();
    expect(requests).toEqual([]);
  });

  test('is unpacked for this user, without set-user-id bits, and its container removed', async () => {
    archive = tarOf(() => {
      mkdirSync('usr/bin', { recursive: true });
      writeFileSync('usr/bin/tool', 'x', { mode: 0o755 });
      execFileSync('chmod', ['6777', 'usr/bin/tool']);
      symlinkSync('/usr/bin/tool', 'usr/bin/absolute');
      symlinkSync('tool', 'usr/bin/relative');
    }, ['usr']);
    const root = (await rootfs()) as string;
    expect(root).toBe(join(home, 'state', 'tare', 'rootfs', 'a'.repeat(64)));
    const mode = execFileSync('stat', ['-c', '%a', join(root, 'usr/bin/tool')], { encoding: 'utf8' });
    expect(Number.parseInt(mode, 8) & 0o6002).toBe(0);
    expect(requests.at(-1)).toMatch(/^DELETE .*containers\/tare-image-/);
    expect(await rootfs()).toBe(root);
    // Here the link would lead to a program of this machine.
    expect(() => nativeArgv(root, ['absolute'])).toThrow(/leads out|no program/);
  });

  const outside = () => join(home, 'bin', 'planted');
  test.each<[string, RegExp, () => Buffer]>([
    [
      'an absolute path',
      /planted leads out of it/,
      () => tarOf(() => writeFileSync(outside(), ''), [outside()]),
    ],
    [
      'a path that leads out',
      /planted leads out of it/,
      () => tarOf(() => writeFileSync('x', ''), ['x'], ['--transform=s,^x$,../../../../bin/planted,']),
    ],
    [
      'a file behind a link that leads out',
      /tar can't read/,
      () => {
        const link = tarOf((at) => symlinkSync(join(home, 'bin'), join(at, 'd')), ['d']);
        const file = tarOf(
          (at) => {
            mkdirSync(join(at, 'd'));
            writeFileSync(join(at, 'd', 'planted'), '');
          },
          ['d/planted'],
        );
        // Without the end-of-archive blocks between the two.
        return Buffer.concat([link.subarray(0, 512), file]);
      },
    ],
    [
      'a hard link that leads out',
      /b is a hard link that leads out/,
      () =>
        tarOf(
          () => {
            writeFileSync('a', '');
            execFileSync('ln', ['a', 'b']);
          },
          ['a', 'b'],
          ['--transform=flags=h;s,^a$,/etc/passwd,'],
        ),
    ],
    ['a pipe', /p is neither file/, () => tarOf(() => execFileSync('sh', ['-c', 'mkfifo p']), ['p'])],
    [
      'too many entries',
      /more than 20000 entries/,
      () => {
        const one = tarOf(() => mkdirSync('d'), ['d']).subarray(0, 512);
        return Buffer.concat([...Array<Buffer>(20_001).fill(one), Buffer.alloc(1024)]);
      },
    ],
    [
      'files that are larger than they may be',
      /larger than 256 MB together/,
      () =>
        tarOf(
          () => {
            writeFileSync('s', '');
            truncateSync('s', 300e6);
          },
          ['s'],
          ['--sparse'],
        ),
    ],
    ['something that is no archive', /tar can't read/, () => Buffer.from('hello'.repeat(1000))],
    [
      'a part of an archive',
      /tar can't read/,
      () => tarOf(() => writeFileSync('x', 'x'.repeat(100_000)), ['x']).subarray(0, 50_000),
    ],
  ])('with %s is refused, and nothing is left', async (_, reason, make) => {
    archive = make();
    rmSync(outside(), { force: true });
    await expect(rootfs()).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(reason),
    });
    expect(existsSync(outside())).toBe(false);
    expect(written()).toEqual([]);
    expect(requests.at(-1)).toMatch(/^DELETE .*containers\/tare-image-/);
  });

  test('that never ends is given up', async () => {
    archive = Buffer.alloc(257e6);
    await expect(rootfs()).rejects.toThrow(/larger than the 256 MB/);
    expect(written()).toEqual([]);
  });
});

describe('an image that somebody’s engine has', () => {
  test('is used for that engine, and never kept', async () => {
    const toolbox = await ensureToolbox(engine, () => undefined);
    expect(toolbox).toMatchObject({ id: digest('a'), tools: { iperf3: '3.18-2' } });
    expect(keptImage(toolboxRecipe)).toBeUndefined();
    expect(written().filter((name) => name.endsWith('.tar'))).toEqual([]);
  });

  test('must have the tools that the other engine’s has', async () => {
    const toolbox = await ensureToolbox(engine, () => undefined);
    image = { ...image, RootFS: { Layers: [digest('c')] } };
    await matchToolbox(engine, toolbox, () => undefined);
    const other = { ...toolbox, tools: { iperf3: '3.19-1' } };
    await expect(matchToolbox(engine, other, () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining('iperf3 3.18-2 against 3.19-1'),
    });
  });

  test('is replaced by what Tare’s own builder made, and an engine that changes that is refused', async () => {
    const state = join(home, 'state', 'tare', 'images');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, 'toolbox-x.tar'), 'layers');
    const sha256 = '1d5d90cd8e1ad8ff2ddbe22b8f4b9ec1d3d7ef8d5ef5f3fbc2f1ef3b3f2bb8f0';
    const entry = {
      file: 'toolbox-x.tar',
      sha256,
      bytes: 6,
      builtAt: '2026-01-01T00:00:00.000Z',
      layers: [digest('d')],
      tools: {},
    };
    const keep = (change: object) =>
      writeFileSync(
        join(state, 'manifest.json'),
        JSON.stringify({
          version: 1,
          pulled: {},
          images: { [imageName(toolboxRecipe)]: { ...entry, ...change } },
        }),
      );
    const loads = () => requests.filter((each) => each.includes('/images/load')).length;
    // A file that is not what was recorded is never loaded, and goes.
    keep({});
    await ensureToolbox(engine, () => undefined);
    expect(loads()).toBe(0);
    expect(existsSync(join(state, 'toolbox-x.tar'))).toBe(false);
    // One that is goes to the engine, which has to have it then.
    writeFileSync(join(state, 'toolbox-x.tar'), 'layers');
    keep({
      sha256: createHash('sha256').update('layers').digest('hex'),
    });
    await expect(ensureToolbox(engine, () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining('does not have the content'),
    });
    expect(loads()).toBe(1);
    expect(readFileSync(join(state, 'toolbox-x.tar'), 'utf8')).toBe('layers');
  });

  test('is built on the base that was pulled first, and on no other', async () => {
    image.RepoDigests = [`debian@${digest('1')}`];
    expect(await pullBase(engine, () => undefined)).toBe('debian:trixie-slim');
    expect(await pullBase(engine, () => undefined)).toBe(`debian@${digest('1')}`);
    image.RepoDigests = [`debian@${digest('2')}`];
    await expect(pullBase(engine, () => undefined)).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining(digest('2')),
      remedy: expect.stringContaining('--rebuild-images'),
    });
  });

  test('brings no docker-compose to this machine', async () => {
    await expect(ensureOwnCompose(engine, () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining('docker compose is not installed'),
    });
    expect(requests).toEqual([]);
  });
});
