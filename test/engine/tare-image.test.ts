import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectEngine } from '../../bench/engine/connect.ts';
import { startIsolatedEngine, stopIsolatedEngine } from '../../bench/engine/isolated-engine.ts';
import { baseImageName, keptBase } from '../../bench/image/base.ts';
import { importBase } from '../../bench/image/builder.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { withLock } from '../../bench/state/lock.ts';
import { stateSubfolder } from '../../bench/state/state.ts';
import { somebodysSocket } from './somebodys-socket.ts';

// The container image of Tare itself: built where packages can be reached, run where it measures.

const root = resolve(import.meta.dirname, '../..');
const name = 'tare-image-test';
const hasClient = (await execa('docker', ['--version'], { reject: false })).exitCode === 0;
let builderFolder: string;
let folder: string;
let site: OpenSite;
let socket: Server;
let engineUrl: string;

beforeAll(async () => {
  if (!hasClient) return;
  folder = await mkdtemp(join(tmpdir(), 'tare-image-'));
  site = await openSite(
    { engines: [], labNodes: undefined, listener: () => undefined },
    newRunId(new Date()),
  );
  engineUrl = site.sameHost?.engine.url ?? '';
  builderFolder = stateSubfolder('image-test');
  const { url } = await startIsolatedEngine({
    folder: builderFolder,
    network: 'host',
    tied: true,
    dockerdOptions: ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'],
  });
  const builder = await connectEngine(url, { ownership: 'private' });
  await importBase(builder, await withLock('builder', () => keptBase(() => undefined)));
  const options = ['--tag', name, '--build-arg', `BASE=${baseImageName}`, '--network', 'host'];
  await execa('npm', ['run', 'image', '--silent', '--', ...options], {
    cwd: root,
    env: { DOCKER_HOST: url },
  });
  const saved = execa('docker', ['--host', url, 'save', name], { buffer: false });
  await execa('docker', ['--host', engineUrl, 'load'], { input: saved.stdout });
  socket = await somebodysSocket(engineUrl.replace('unix://', ''), join(folder, 'docker.sock'), 0);
}, 600_000);
afterAll(async () => {
  socket?.close();
  if (builderFolder) await stopIsolatedEngine(builderFolder);
  if (engineUrl) await execa('docker', ['--host', engineUrl, 'rmi', '--force', name], { reject: false });
  await site?.close();
  for (const each of [builderFolder, folder]) if (each) await rm(each, { recursive: true, force: true });
});

test('Tare measures from its own container through the engine’s socket', async (context) => {
  if (!hasClient) context.skip('docker’s own client is not installed here');
  const tare = async (...words: string[]) => {
    const mounts = ['-v', `${folder}/docker.sock:/var/run/docker.sock`, '-v', `${folder}:/work`];
    const given = ['run', '--rm', '--network', 'host', '--pid', 'host', ...mounts, name, ...words];
    return (await execa('docker', ['--host', engineUrl, ...given], { stdin: 'ignore' })).stdout;
  };
  const { scenarios } = JSON.parse(await tare('check', '--json', '--scenario', 'same-host/*'));
  expect(scenarios).toContainEqual({ id: 'same-host/bridge', status: 'ready' });
  expect(scenarios).toContainEqual(
    expect.objectContaining({ id: 'same-host/bare', code: 'tare-in-container' }),
  );
  const short = ['--workload', 'tcp-rr', '--blocks', '1', '--out', '/work/here', '--json'];
  const figures = JSON.parse(await tare('run', '--scenario', 'same-host/bridge', ...short));
  expect(figures.scenarios).toContainEqual(expect.objectContaining({ id: 'same-host/bridge', status: 'ok' }));
  expect(await readdir(join(folder, 'here', 'report'))).toContain('report.html');
});
