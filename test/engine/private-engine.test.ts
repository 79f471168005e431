import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../bench/engine/engine.ts';
import { cgroupName } from '../../bench/engine/isolated-engine.ts';
import {
  findPrivateEngine,
  startPrivateEngine,
  sweepPrivateEngine,
} from '../../bench/engine/private-engine.ts';
import { ensureToolbox } from '../../bench/image/image.ts';
import { stateFolder } from '../../bench/state/state.ts';
import { ownState } from './lab-state.ts';

async function reasonToSkip(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root can start an engine';
  const found = (await execa('which', ['dockerd'], { reject: false })).exitCode === 0;
  return found ? undefined : 'dockerd is not installed';
}

/** What an engine could leave on this machine, outside of the state folder. */
async function machine() {
  const output = async (program: string, ...argv: string[]) => {
    const { stdout } = await execa(program, argv, { reject: false });
    // Counters and dates move by themselves.
    return stdout.replace(/^#.*$|\[\d+:\d+\]/gm, '');
  };
  const list = (folder: string) => {
    try {
      return readdirSync(folder).sort();
    } catch {
      return 'absent';
    }
  };
  return {
    links: (await output('ip', '-o', 'link')).replace(/^\d+: /gm, ''),
    routes: await output('ip', 'route', 'show', 'table', 'all'),
    rules: await output('iptables-save'),
    mounts: readFileSync('/proc/mounts', 'utf8'),
    forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    processes: (await output('ps', '-eo', 'args')).split('\n').filter((line) => line.includes(stateFolder())),
    groups: (await output('find', '/sys/fs/cgroup', '-maxdepth', '2', '-name', cgroupName())).trim(),
    folders: ['/etc/docker', '/run/docker', '/run/containerd', '/opt/containerd', '/run/netns'].map(list),
  };
}

/** Another process that takes the engine and says so; it gives it back when its input ends. */
async function otherUser() {
  const script = join(stateFolder(), 'user.mts');
  writeFileSync(
    script,
    `import { startPrivateEngine } from '${join(process.cwd(), 'bench/engine/private-engine.ts')}';
     const held = await startPrivateEngine();
     console.log(held.engine.id);
     process.stdin.resume();
     process.stdin.on('end', () => void held.release());`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [id] = await once(child.stdout, 'data');
  return { child, id: String(id).trim(), ended: once(child, 'exit') };
}

async function runContainer(engine: Engine) {
  const { name } = await ensureToolbox(engine, () => undefined);
  const network = await engine.docker.createNetwork({ Name: 'left', Labels: { tare: '1' } });
  const container = await engine.docker.createContainer({
    Image: name,
    Cmd: ['sleep', '600'],
    Labels: { tare: '1' },
    HostConfig: { NetworkMode: 'left', PortBindings: { '5201/tcp': [{ HostPort: '5201' }] } },
    ExposedPorts: { '5201/tcp': {} },
  });
  await container.start();
  return { network, container };
}

describe('private engine', async () => {
  const reason = await reasonToSkip();
  let removeState: () => void;
  beforeAll(() => {
    removeState = ownState();
  });
  beforeEach((context) => {
    if (reason) context.skip(reason);
  });
  afterEach(async () => {
    await sweepPrivateEngine(false);
  });
  afterAll(() => removeState());

  test('nothing that it made stays, not even with a container left running', async () => {
    const before = await machine();
    const { engine, release } = await startPrivateEngine();
    expect(engine.ownership).toBe('private');
    await runContainer(engine);
    const during = await machine();
    expect(during.links).toBe(before.links);
    expect(during.rules).toBe(before.rules);
    expect(during.processes.length).toBeGreaterThan(before.processes.length);
    await release();
    expect(await machine()).toEqual(before);
    expect(await findPrivateEngine()).toBeUndefined();
  });

  test('it has a swarm of its own, and addresses only of the benchmark range', async () => {
    const { engine, release } = await startPrivateEngine();
    const info = await engine.docker.info();
    expect(info.Swarm).toMatchObject({
      LocalNodeState: 'active',
      ControlAvailable: true,
      NodeAddr: '198.18.255.1',
    });
    const networks = await engine.docker.listNetworks();
    const subnets = networks.flatMap((network) => (network.IPAM?.Config ?? []).map(({ Subnet }) => Subnet));
    expect(subnets.length).toBeGreaterThan(0);
    for (const subnet of subnets) expect(subnet).toMatch(/^198\.(18|19)\./);
    await release();
  });

  test('only the owner can reach it', async () => {
    const { engine, release } = await startPrivateEngine();
    const socket = new URL(engine.url).pathname;
    expect(statSync(socket).mode & 0o007).toBe(0);
    expect(statSync(join(socket, '..')).mode & 0o777).toBe(0o700);
    await release();
  });

  test('two users share it, and the last one stops it', async () => {
    const other = await otherUser();
    const mine = await startPrivateEngine();
    expect(mine.engine.id).toBe(other.id);
    expect(await sweepPrivateEngine(false)).toBe(false);
    other.child.stdin.end();
    await other.ended;
    expect((await mine.engine.docker.ping()).toString()).toBe('OK');
    await mine.release();
    expect(await findPrivateEngine()).toBeUndefined();
  });

  test('after its user was killed, another process stops it, and the next start finds it clean', async () => {
    const before = await machine();
    const other = await otherUser();
    const engine = await findPrivateEngine();
    if (!engine) throw new Error('it does not run');
    await runContainer(engine);
    other.child.kill('SIGKILL');
    await other.ended;
    expect((await findPrivateEngine())?.id).toBe(other.id);
    expect(await sweepPrivateEngine(false)).toBe(true);
    expect(await sweepPrivateEngine(false)).toBe(false);
    expect(await machine()).toEqual(before);
    const next = await startPrivateEngine();
    expect(await next.engine.docker.listContainers({ all: true })).toEqual([]);
    expect((await next.engine.docker.listNetworks()).map(({ Name }) => Name)).not.toContain('left');
    await next.release();
  });

  describe('where no dockerd is installed', () => {
    const path = process.env.PATH;
    beforeEach(() => {
      process.env.PATH = '/nowhere';
    });
    afterEach(() => {
      process.env.PATH = path;
    });
    test('says how to get one', async () => {
      // flock is needed to get that far.
      process.env.PATH = join(stateFolder(), 'few');
      await execa(
        '/bin/sh',
        [
          '-c',
          `mkdir -p ${process.env.PATH}; ln -s $(command -v flock) $(command -v sh) $(command -v cat) ${process.env.PATH}`,
        ],
        { env: { PATH: path } },
      );
      await expect(startPrivateEngine()).rejects.toMatchObject({
        name: 'Failure',
        remedy: expect.stringContaining('docker.io'),
      });
      rmSync(process.env.PATH, { recursive: true });
    });
  });
});
