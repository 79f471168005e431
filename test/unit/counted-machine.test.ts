import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../bench/config/config.ts';
import { checkConfig, readConfig } from '../../bench/config/config-file.ts';
import { ensureEmulator } from '../../bench/machine/emulator.ts';
import { enginesOf } from '../../bench/machine/guest-engines.ts';
import type { GuestProcess } from '../../bench/machine/guest-process.ts';
import { identityOf } from '../../bench/machine/identity.ts';
import {
  keptMachines,
  runningFolder,
  sweepMachines,
  workFolder,
} from '../../bench/machine/machine-folders.ts';
import { makingFault } from '../../bench/machine/making-fault.ts';
import { Qmp } from '../../bench/machine/qmp.ts';
import { recipeOfWord, recipeSchema } from '../../bench/machine/recipe.ts';
import { ownOwner } from '../../results/owner.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-machine-'));
  vi.stubEnv('TARE_STATE', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

describe('what is in a counted machine', () => {
  test('counted is Debian’s stable release; a suite is its kernel and its Docker', () => {
    expect(recipeOfWord('counted')).toMatchObject({
      kernel: 'trixie',
      docker: 'trixie',
      tables: 'nft',
      nodes: 2,
    });
    expect(recipeOfWord('counted:bookworm')).toMatchObject({ kernel: 'bookworm', docker: 'bookworm' });
    expect(recipeOfWord('counted:trixie-backports')).toMatchObject({
      kernel: 'trixie-backports',
      docker: 'trixie',
    });
    for (const word of ['counted:', 'counted:buster', 'trixie', 'wall', 'counted:../x'])
      expect(recipeOfWord(word)).toBeUndefined();
  });

  test('a file says more: tables, daemon, sysctls; what can’t be is refused by name', () => {
    const machine = { counted: { tables: 'legacy', daemon: { 'userland-proxy': false }, sysctls: {} } };
    const { machine: recipe } = resolveConfig({}, checkConfig({ machine }, 'bench.yaml'));
    expect(recipe).toMatchObject({ kernel: 'trixie', tables: 'legacy', daemon: { 'userland-proxy': false } });
    for (const wrong of [
      'counted:buster',
      7,
      { counted: { kernel: 'buster' } },
      { counted: { sysctls: { '../../etc/passwd': '1' } } },
      { counted: { sysctls: { 'net.core.rmem_max': 'two\nlines' } } },
      { counted: { nodes: 1 } },
    ]) {
      expect(() => checkConfig({ machine: wrong }, 'bench.yaml')).toThrow(/^bench.yaml: machine[\w./]* is /);
    }
  });

  test('engines or a lab beside it are refused, and a stranger’s file may not ask for one', async () => {
    for (const more of [{ engines: ['tcp://127.0.0.1:1'] }, { lab: 2 }]) {
      expect(() => resolveConfig({ machine: 'counted', ...more })).toThrow(/has engines of its own/);
    }
    const file = join(folder, 'bench.yaml');
    writeFileSync(file, 'machine: counted\n');
    await expect(readConfig(file, 'untrusted')).rejects.toThrow(/may not set "machine"/);
  });

  test('its identity is of versions and contents: in whatever order they come, and different with each', () => {
    const emulator = {
      folder: '/',
      version: 'qemu-system-x86=10',
      packages: { 'qemu-system-x86': '10', glib: '1' },
      argv: () => [],
      run: async () => '',
    };
    const of = (packages: Record<string, string>, content = 'a', recipe = {}, text = 'x') =>
      identityOf(recipeSchema.parse(recipe), {
        ...{ emulator, packages, sources: { agent: text } },
        toolbox: { tools: { iperf3: '3.18' }, sha256: content },
      });
    const one = of({ 'docker.io': '26', iptables: '1' });
    expect(of({ iptables: '1', 'docker.io': '26' })).toEqual(one);
    expect(one.packages).toEqual({
      'docker.io': '26',
      iptables: '1',
      'qemu-system-x86': '10',
      'toolbox/iperf3': '3.18',
    });
    expect(one.options).toMatchObject({
      suite: 'trixie',
      tables: 'nft',
      'emulator/icount': 'shift=0,sleep=on',
    });
    const others = [
      of({ 'docker.io': '27', iptables: '1' }),
      of({ 'docker.io': '26', iptables: '1' }, 'b'),
      of({ 'docker.io': '26', iptables: '1' }, 'a', { sysctls: { 'net.ipv4.tcp_sack': '0' } }),
      of({ 'docker.io': '26', iptables: '1' }, 'a', {}, 'y'),
    ];
    expect(new Set([one, ...others].map(({ digest }) => digest)).size).toBe(5);
  });
});

describe('what machines leave', () => {
  test('a dead maker’s goes, a living one’s stays, and machines that are kept go with --all', () => {
    const [dead] = [ownOwner().replace(/\.\d+$/, '.1')];
    workFolder();
    mkdirSync(join(folder, 'machine', 'work', `${dead}_x`));
    const running = runningFolder();
    mkdirSync(join(folder, 'machine', 'r', 'gone'));
    writeFileSync(join(folder, 'machine', 'r', 'gone', 'owner'), dead);
    mkdirSync(join(keptMachines(), 'abc'));
    const went = [join('work', `${dead}_x`), join('r', 'gone')];
    expect(sweepMachines({ all: false, dryRun: true })).toEqual(went);
    expect(sweepMachines({ all: false, dryRun: false })).toEqual(went);
    expect(sweepMachines({ all: true, dryRun: false })).toEqual([join('kept', 'abc')]);
    expect(readdirSync(join(folder, 'machine', 'work'))).toHaveLength(1);
    expect(
      readdirSync(join(folder, 'machine', 'r')).map((name) => join(folder, 'machine', 'r', name)),
    ).toEqual([running]);
  });

  test('nothing, where packages can’t be fetched', async () => {
    const { PATH } = process.env;
    // All but apt.
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'cat', 'flock']) {
      const found = (PATH ?? '').split(':').map((each) => join(each, name));
      writeFileSync(join(bin, name), `#!/bin/sh\nPATH=${PATH} exec ${name} "$@"\n`, { mode: 0o755 });
      expect(found.length).toBeGreaterThan(0);
    }
    vi.stubEnv('PATH', bin);
    await expect(ensureEmulator(() => undefined, never)).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining('packages can’t be fetched'),
    });
    expect(readdirSync(join(folder, 'machine', 'work'))).toEqual([]);
    expect(readdirSync(join(folder, 'machine')).filter((name) => name.startsWith('emulator'))).toEqual([]);
  });
});

describe('a machine that can not be made', () => {
  test('is told of by a full disk, by the failed program’s words, or by whoever ended it', () => {
    const fault = (all: string, signal = never) =>
      makingFault(Object.assign(new Error('Command failed'), { all }), folder, signal);
    expect(fault('mke2fs: No space left on device')).toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(/disk of .* is full: making a machine needs 3 GB/),
    });
    expect(fault('xz: file: Unexpected end\n')).toMatchObject({
      message: 'the machine can’t be made: xz: file: Unexpected end',
    });
    expect(fault('anything', AbortSignal.abort('enough'))).toBe('enough');
  });
});

describe('a guest that does not come up', () => {
  const guest = (console: string, ended: boolean): GuestProcess =>
    ({ ports: [1], firstNode: 1, console: () => console, hasEnded: () => ended }) as unknown as GuestProcess;

  test('is told of by the kernel’s last lines', async () => {
    const panic = 'Kernel panic - not syncing: VFS: Unable to mount root fs · ---[ end Kernel panic';
    await expect(enginesOf(guest(panic, true), never)).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining('Unable to mount root fs'),
    });
  });

  test('is told of by the engine that ended, at once', async () => {
    const said = 'guest: kernel 6.12 up · guest: engine 1 ended: unable to configure the Docker daemon';
    await expect(enginesOf(guest(said, false), never)).rejects.toThrow(
      /unable to configure the Docker daemon/,
    );
  });

  test('is not waited for once nobody wants it', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(enginesOf(guest('', false), stop.signal)).rejects.toThrow('enough');
  });
});

describe('the emulator’s control socket', () => {
  let server: Server;
  afterEach(() => server.close());

  const answering = async (answers: readonly string[]): Promise<Qmp> => {
    const path = join(folder, 'qmp');
    server = createServer((line) => {
      line.write('{"QMP": {}}\n');
      const left = ['{"return": {}}', ...answers];
      line.on('data', () => {
        const next = left.shift();
        if (next === undefined) line.destroy();
        else line.write(`${next}\n`);
      });
    }).listen(path);
    return Qmp.connect(path, 2, never);
  };

  test('gives what is returned, whatever happens in between', async () => {
    const qmp = await answering(['{"event": "STOP"}\n{"return": {"status": "completed"}}']);
    expect(await qmp.ask('query-migrate')).toEqual({ status: 'completed' });
    qmp.close();
  });

  test('tells the emulator’s words, its end, and what is no answer', async () => {
    const qmp = await answering(['{"error": {"desc": "No such\\u001b[31m file"}}', 'nonsense']);
    await expect(qmp.ask('migrate')).rejects.toThrow(/migrate: No such \[31m file/);
    await expect(qmp.ask('stop')).rejects.toThrow(/no answer: nonsense/);
    await expect(qmp.ask('cont')).rejects.toThrow(/it has ended/);
  });
});
