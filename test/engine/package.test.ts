import { readdir } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { type EmptyDebian, emptyDebian } from './chroot.ts';
import { somebodysSocket } from './somebodys-socket.ts';

// What `npm pack` gives, on a machine that has nothing but Node, used by somebody who may use Docker and no more.

const root = resolve(import.meta.dirname, '../..');
const group = 4242;
const someone = { user: 'someone', group: 'docker' };
let debian: EmptyDebian;
let site: OpenSite;
let socket: Server;

beforeAll(async () => {
  site = await openSite(
    { engines: [], labNodes: undefined, listener: () => undefined },
    newRunId(new Date()),
  );
  const engine = site.sameHost?.engine.url.replace('unix://', '');
  if (!engine) throw new Error('there is no engine');
  debian = await emptyDebian();
  await debian.run(`groupadd --gid ${group} docker && useradd --create-home --groups docker someone`);
  await execa('npm', ['pack', '--silent', '--pack-destination', debian.folder], { cwd: root });
  socket = await somebodysSocket(engine, join(debian.folder, 'run', 'docker.sock'), group);
}, 600_000);
afterAll(async () => {
  socket?.close();
  await debian?.remove();
  await site?.close();
});

test('the package holds what runs and nothing else', async () => {
  const [file = ''] = (await readdir(debian.folder)).filter((name) => name.endsWith('.tgz'));
  const { stdout } = await execa('tar', ['--list', '--file', join(debian.folder, file)]);
  const files = stdout.split('\n').map((name) => name.replace('package/', ''));
  const isRun = /^(dist\/(bench|drivers|reports|results)\/.*|dist\/(docker-compose\.bench\.yml|tare\.1))$/;
  const others = files.filter((name) => !isRun.test(name));
  expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(files.filter((name) => /(?<!\.d)\.m?ts$|\btest\b|\bstudies\b|\bfixtures\b/.test(name))).toEqual([]);
  // Whatever is carried to an engine as it is lies there as in the sources.
  for (const name of [
    ...['bench/image/Dockerfile', 'bench/image/node.sh', 'bench/setup/setup.mjs'],
    ...['bench/machine/guest/init.sh', 'bench/machine/plugin/tare-count.c'],
  ])
    expect(files).toContain(`dist/${name}`);
});

test('installed on an empty system, it serves a user in the group docker from any folder', async () => {
  await debian.run('npm install --global --prefer-offline --no-audit --no-fund /tare-*.tgz');
  const tare = (line: string) => debian.run(`mkdir -p ~/work && cd ~/work && ${line}`, someone);

  expect(await tare('tare --version')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await tare('tare setup')).toContain('Nothing is missing.');
  const { scenarios } = JSON.parse(await tare("tare check --json --scenario 'same-host/*'"));
  expect(scenarios).toContainEqual({ id: 'same-host/bridge', status: 'ready' });
  expect(await tare("tare doctor --scenario 'same-host/bridge'")).toMatch(
    /scenarios are ready: .*same-host\/bridge/,
  );
  const run = 'tare run --scenario same-host/bridge --workload tcp-rr --blocks 1 --out here --json';
  const figures = JSON.parse(await tare(run));
  expect(figures.scenarios).toContainEqual(expect.objectContaining({ id: 'same-host/bridge', status: 'ok' }));
  const files = await readdir(join(debian.folder, 'home', 'someone', 'work', 'here', 'report'));
  expect(files).toEqual(expect.arrayContaining(['report.html', 'report.md']));

  const program =
    'import { judgeRuns, readRun } from "tare"; const run = await readRun("here"); ' +
    'process.stdout.write(run.id + " " + judgeRuns(run, run).verdict)';
  const link = 'mkdir -p node_modules && ln -s /usr/local/lib/node_modules/tare node_modules/tare';
  expect(await tare(`${link} && node --input-type=module -e '${program}'`)).toContain(figures.run);
  await expect(tare('node -e \'import("tare/dist/bench/cli/cli.js")\'')).rejects.toThrow(
    /not defined by "exports"/,
  );
});
