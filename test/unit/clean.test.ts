import { once } from 'node:events';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sweepLeftBehind } from '../../bench/engine/clean-labelled.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { interfaceAlias, labels } from '../../bench/engine/labels.ts';
import { makeNativeFolder, removeLeftNativeFolders } from '../../bench/engine/native-folders.ts';
import { controlSocket, removeLeftControlSockets } from '../../bench/engine/ssh-sockets.ts';
import { standingOf, standingOfObject } from '../../bench/engine/standing.ts';
import { marked } from '../../bench/site/clean-interfaces.ts';
import { stateTag } from '../../bench/state/state.ts';
import { ownerPid, ownerState, ownOwner } from '../../results/owner.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-unit-'));
  vi.stubEnv('TARE_STATE', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const parts = () => ownOwner().split('.') as [string, string, string, string, string];
const deadOwner = () => [...parts().slice(0, 4), '1'].join('.');

describe('an owner', () => {
  it('lives as long as that very process, on this boot of this machine', () => {
    const [machine, boot, namespace, pid, start] = parts();
    expect(ownerState(ownOwner())).toBe('lives');
    expect(ownerPid(ownOwner())).toBe(process.pid);
    expect(ownerState(deadOwner())).toBe('dead');
    expect(ownerState([machine, '0'.repeat(32), namespace, pid, start].join('.'))).toBe('dead');
    expect(ownerState(['00000000', boot, namespace, pid, start].join('.'))).toBe('elsewhere');
    expect(ownerState([machine, boot, '7', pid, start].join('.'))).toBe('elsewhere');
  });

  it.each([undefined, '', '1', '../../x', `${'9'.repeat(400)}`, 'a.b.c.d.e'])('%s is unknown', (text) => {
    expect(ownerState(text)).toBe('unknown');
  });
});

describe('what goes', () => {
  const cases = () => [
    { owner: deadOwner(), state: stateTag(), goes: [true, true] },
    { owner: ownOwner(), state: stateTag(), goes: [false, false] },
    { owner: deadOwner(), state: '00000000', goes: [false, true] },
    { owner: ownOwner(), state: '00000000', goes: [false, false] },
    { owner: undefined, state: undefined, goes: [false, true] },
    { owner: 'forged', state: stateTag(), goes: [false, true] },
    { owner: `00000000.${parts().slice(1).join('.')}`, state: stateTag(), goes: [false, true] },
  ];

  it('is what dead processes of this state folder made; with --all also what nobody is seen to use', () => {
    for (const { owner, state, goes } of cases()) {
      const standings = [false, true].map((all) => standingOf({ run: 'r', state, owner }, all));
      expect(standings.map((each) => each.goes)).toEqual(goes);
      for (const each of standings) if (!each.goes) expect(each.reason).not.toBe('');
    }
  });

  it('is never what carries no more than an image’s label', () => {
    expect(standingOfObject({ tare: '1' }, true)).toBeUndefined();
    expect(standingOfObject({ 'tare.image': 'toolbox' }, true)).toBeUndefined();
  });
});

describe('a sweep of what was left behind', () => {
  it('takes dead runs’ objects, and neither a living one’s nor a stranger’s of an image with Tare’s labels', async () => {
    const gone: string[] = [];
    const dead = { ...labels('dead'), 'tare.owner': deadOwner() };
    const handle = (id: string) => ({ remove: async () => void gone.push(id) });
    const docker = {
      listImages: async () => [{ Id: 'sha256:committed' }],
      listContainers: async () => [
        { Id: 'left', Names: ['/tare-left'], ImageID: 'sha256:toolbox', Labels: dead },
        { Id: 'living', Names: ['/tare-living'], ImageID: 'sha256:toolbox', Labels: labels('living') },
        { Id: 'stranger', Names: ['/web'], ImageID: 'sha256:toolbox', Labels: { tare: '1' } },
        // Somebody committed a container of a run: its image hands the run's labels on.
        { Id: 'inherits', Names: ['/db'], ImageID: 'sha256:committed', Labels: dead },
      ],
      listNetworks: async () => [
        { Id: 'net-left', Name: 'tare-left', Labels: dead },
        { Id: 'net-living', Name: 'tare-living', Labels: labels('living') },
      ],
      listVolumes: async () => ({ Volumes: null }),
      getContainer: handle,
      getNetwork: handle,
    };
    const engine = { name: 'one', url: 'unix:///x', docker } as never as Engine;
    const judge = (found: Readonly<Record<string, string>>) => standingOfObject(found, false);
    const [told] = await sweepLeftBehind([engine], judge, true);
    expect(told).toMatchObject({ containers: ['tare-left'], networks: ['tare-left'] });
    expect(gone).toEqual([]);
    const [swept] = await sweepLeftBehind([engine], judge, false);
    expect(swept).toMatchObject({ containers: ['tare-left'], networks: ['tare-left'] });
    expect(swept?.kept.map(({ kind, run }) => `${kind} ${run}`)).toEqual([
      'container living',
      'network living',
    ]);
    expect(gone).toEqual(['left', 'net-left']);
  });
});

describe('interfaces', () => {
  it('are Tare’s by name and alias, and nothing that an engine’s host answers becomes a command', () => {
    const alias = interfaceAlias('20260801-123000-abcd');
    expect(alias.length).toBeLessThan(256);
    const links = [
      { ifname: 'tare-0a1b2cp', ifalias: alias },
      { ifname: 'tare-0a1b2cq' },
      { ifname: 'tare-old', ifalias: 'tare.run=old' },
      { ifname: 'tare-x; reboot', ifalias: alias },
      { ifname: 'eth0', ifalias: alias },
    ];
    expect(marked(JSON.stringify(links))).toEqual([
      { name: 'tare-0a1b2cp', run: '20260801-123000-abcd', state: stateTag(), owner: ownOwner() },
      { name: 'tare-old', run: 'old' },
    ]);
  });
});

describe('folders of programs on this machine', () => {
  it('go where their run was killed', () => {
    const living = makeNativeFolder();
    const left = join(dirname(living), `${deadOwner()}-killed`);
    mkdirSync(left);
    expect(removeLeftNativeFolders(true)).toEqual([basename(left)]);
    expect(removeLeftNativeFolders(false)).toEqual([basename(left)]);
    expect(readdirSync(dirname(living))).toEqual([basename(living)]);
  });
});

describe('control sockets of ssh connections', () => {
  it('go where nobody listens any more', async () => {
    const live = controlSocket(1);
    const server = createServer();
    // As ssh does: bound under a name with a tail, then given the short one.
    await once(server.listen(`${live}.aBcDeFgHiJkLmNoP`), 'listening');
    linkSync(`${live}.aBcDeFgHiJkLmNoP`, live);
    const killed = await execa(
      process.execPath,
      [
        '--eval',
        `require('node:net').createServer().listen(${JSON.stringify(controlSocket(2))}, () => process.kill(process.pid, 'SIGKILL'))`,
      ],
      { reject: false },
    );
    expect(killed.signal).toBe('SIGKILL');
    const left = basename(controlSocket(2));
    expect(removeLeftControlSockets(true)).toEqual([left]);
    expect(removeLeftControlSockets(false)).toEqual([left]);
    expect(readdirSync(dirname(live)).sort()).toEqual([basename(live), `${basename(live)}.aBcDeFgHiJkLmNoP`]);
    server.close();
  });
});

describe('programs on this machine', () => {
  it('end where their run is dead and of this state folder', { timeout: 60_000 }, async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root for a process namespace of its own');
    const program = fileURLToPath(new URL('../fixtures/clean-programs.mts', import.meta.url));
    const inOwnNamespace = ['--pid', '--fork', '--mount-proc'];
    const node = [process.execPath, '--import', 'tsx', program];
    const { stdout } = await execa('unshare', [...inOwnNamespace, ...node]);
    const { kept, ...seen } = JSON.parse(stdout);
    expect(seen).toEqual({
      told: ['dead', 'of another boot'],
      afterTelling: 10,
      ended: ['dead', 'of another boot'],
      afterCleaning: [
        'living',
        'of another state folder',
        'living, of another state folder',
        'of an older Tare',
        'on another machine',
        'of somebody who uses that name',
        'of nobody',
        'of another user',
      ],
      endedByAll: ['of another state folder', 'of an older Tare', 'on another machine'],
      afterAll: [
        'living',
        'living, of another state folder',
        'of somebody who uses that name',
        'of nobody',
        'of another user',
      ],
      kept: undefined,
    });
    expect(kept).toEqual([
      expect.stringMatching(/^living: its run lives \(process \d+\)$/),
      expect.stringMatching(/^living, of another state folder: its run, of another state folder, lives/),
    ]);
  });
});
