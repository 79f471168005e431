import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/**
 * The real script in a package of its own, with a PATH of nothing but what a test puts there. `apt-get` and `npm` are
 * stand-ins that write down how they were called; the real ones are called by `npm test` itself.
 */
let folder: string;
let bin: string;
const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '');

function program(name: string, body = '') {
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-setup-'));
  bin = join(folder, 'bin');
  mkdirSync(bin);
  cpSync('bench/setup', join(folder, 'bench', 'setup'), { recursive: true });
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  for (const name of ['sh', 'env', 'mkdir', 'cp', 'rm', 'chmod'])
    symlinkSync(`/bin/${name}`, join(bin, name));
  // dpkg-query lies that all libraries are there, so that only what the test takes away is missing.
  const installed = 'for name in "$@"; do echo "$name installed"; done';
  program('dpkg-query', installed);
  for (const name of [
    'dockerd',
    'iptables',
    'ip',
    'modprobe',
    'debootstrap',
    'gpgv',
    'fc-list',
    'chromium',
    'cc',
  ])
    program(name);
  program('apt-get');
  program(
    'npm',
    `mkdir -p ${folder}/node_modules && cp ${folder}/package-lock.json ${folder}/node_modules/.package-lock.json`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function setup(argv: readonly string[], env: Readonly<Record<string, string>> = {}, more: object = {}) {
  return execa(process.execPath, [join(folder, 'bench', 'setup', 'setup.mjs'), ...argv], {
    // An engine that is named counts as there, so nothing depends on what runs on this machine.
    env: { PATH: bin, HOME: folder, DOCKER_HOST: 'unix:///nowhere', ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    ...more,
  });
}

describe('set-up', () => {
  test('without a terminal it lists what is missing, installs it, and does nothing the second time', async () => {
    const first = await setup(['--for', 'bench']);
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain('npm packages: node_modules is not what package-lock.json asks for');
    expect(first.stdout).toBe('');
    expect(calls()).toContain('npm ci');
    rmSync(join(folder, 'calls'));
    const second = await setup(['--for', 'bench']);
    expect(second).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(calls()).toBe('');
  });

  test('a canvas that can not be built is said once and not tried again', async () => {
    const first = await setup(['--for', 'bench']);
    expect(first.stderr).toContain('reports in PNG are not available');
    expect((await setup(['--for', 'bench'])).stderr).toBe('');
  });

  test('a package of another version than the lock file says is installed anew', async () => {
    await setup(['--for', 'bench']);
    const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.1' } } };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    rmSync(join(folder, 'calls'));
    await setup(['--for', 'bench']);
    expect(calls()).toContain('npm ci');
  });

  test('TARE_SETUP=no installs nothing, says what it would, and fails', async () => {
    const { exitCode, stderr } = await setup(['--for', 'bench'], { TARE_SETUP: 'no' });
    expect(exitCode).toBe(4);
    expect(stderr).toContain('npm ci');
    expect(calls()).not.toMatch(/^(npm|apt-get)/m);
  });

  test('what the tests need beside the benchmark is asked for only then', async () => {
    await setup(['--for', 'bench']);
    for (const name of ['chromium', 'cc', 'dockerd']) rmSync(join(bin, name));
    // The script also looks in /usr/sbin, where the real dockerd may be.
    expect((await setup(['--for', 'bench'], { TARE_SETUP: 'no' })).exitCode).toBe(0);
    const { exitCode, stderr } = await setup(['--for', 'test'], { TARE_SETUP: 'no' });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/apt-get install --yes --no-install-recommends .*chromium gcc libc6-dev/);
  });

  test('packages are installed with lists that are fetched only if that fails, and a failure is named', async () => {
    await setup(['--for', 'bench']);
    rmSync(join(bin, 'fc-list'));
    program('apt-get', 'exit 1');
    rmSync(join(folder, 'calls'));
    const { exitCode, stderr } = await setup(['--for', 'bench']);
    if (process.getuid?.() !== 0) {
      expect(exitCode).toBe(4);
      expect(stderr).toContain('Only root may install packages');
      return;
    }
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/This failed: apt-get install .*fontconfig/);
    const wanted = calls()
      .split('\n')
      .filter((line) => line.startsWith('apt-get'));
    expect(wanted.at(-1)).toBe('apt-get update');
  });

  test('what is to follow gets all arguments but --yes, and its exit code is the script’s', async () => {
    await setup(['--for', 'bench']);
    mkdirSync(join(folder, 'node_modules', 'tsx'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'tsx', 'package.json'), '{"main": "main.js"}');
    writeFileSync(join(folder, 'node_modules', 'tsx', 'main.js'), '');
    const script = 'console.log(process.argv.slice(2).join()); process.exitCode = 7;';
    writeFileSync(join(folder, 'then.mjs'), script);
    const options = { cwd: folder };
    const argv = ['--for', 'bench', '--then', 'then.mjs', 'run', '--blocks', '2', '--yes'];
    expect(await setup(argv, {}, options)).toMatchObject({ exitCode: 7, stdout: 'run,--blocks,2' });
    expect((await setup(['--for', 'bench', '--then'], {}, options)).exitCode).toBe(2);
  });

  test('of an installed package it asks npm for nothing, and says what needs root', async () => {
    rmSync(join(folder, 'package-lock.json'));
    expect(await setup(['--for', 'bench'])).toMatchObject({ exitCode: 0, stderr: '' });
    rmSync(join(bin, 'chromium'));
    const { exitCode, stderr } = await setup(['--for', 'test'], { TARE_SETUP: 'no' });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^Missing for `tare run`:\n/);
    expect(stderr).toMatch(/apt-get install .*chromium.* \(needs root\)$/m);
    expect(stderr).not.toContain('npm');
    const told = JSON.parse((await setup(['--for', 'test', '--tell'])).stdout);
    expect(told.missing.map(({ what }: { what: string }) => what)).toContain('Chromium');
    expect(told.commands[0].slice(0, 2)).toEqual(['apt-get', 'install']);
    expect(calls()).not.toMatch(/^(npm|apt-get)/m);
  });

  test('wrong usage exits with 2', async () => {
    expect((await setup([])).exitCode).toBe(2);
    expect((await setup(['--for', 'fun'])).exitCode).toBe(2);
    expect((await setup(['--for', 'test', '--wrong'])).exitCode).toBe(2);
  });
});

test('the lock file has every optional package of every platform, or npm ci refuses it', async () => {
  const script: string = '../../bench/setup/complete-lockfile.mjs';
  const { missingPlatformPackages } = (await import(script)) as {
    missingPlatformPackages(lock: unknown): Record<string, { os: string[]; cpu: string[] }>;
  };
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  expect(Object.keys(missingPlatformPackages(lock))).toEqual([]);
  const gap = {
    packages: {
      'node_modules/x': { optionalDependencies: { '@x/darwin-arm64': '1.2.3', fsevents: '^2.0.0' } },
    },
  };
  expect(missingPlatformPackages(gap)).toEqual({
    'node_modules/@x/darwin-arm64': { version: '1.2.3', cpu: ['arm64'], optional: true, os: ['darwin'] },
  });
});
