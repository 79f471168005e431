import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AcquiredEngine } from '../../bench/engine/acquire-engine.ts';
import { removeLabelled } from '../../bench/engine/clean-labelled.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { labelFilter, labels } from '../../bench/engine/labels.ts';
import { copyImage, ensureToolbox } from '../../bench/image/image.ts';
import { labDown, labProject, labStatus, labUp } from '../../bench/lab/lab.ts';
import { acquireLabHost } from '../../bench/lab/lab-host.ts';
import { socketFolder } from '../../bench/lab/node.ts';
import { stateFolder } from '../../bench/state/state.ts';
import { ownState } from './lab-state.ts';

let removeState: () => void;
let acquired: AcquiredEngine;
beforeAll(async () => {
  removeState = ownState();
  acquired = await acquireLabHost({ progress: () => undefined });
}, 1_800_000);
afterAll(async () => {
  await labDown(acquired.engine);
  await acquired.release();
  removeState();
});

/** Everything of the lab that the outer engine has. */
async function traces() {
  const { docker } = acquired.engine;
  const filters = { label: [`tare.lab=${labProject()}`] };
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes(),
  ]);
  return { containers: containers.length, networks: networks.length, volumes: volumes.Volumes?.length ?? 0 };
}

const progress = () => undefined;

/** What a killed run leaves on the engines of one swarm goes, in whatever order they are named; other networks stay. */
async function sweepAcross(engines: readonly Engine[], image: string) {
  const [manager, worker] = engines as [Engine, Engine];
  const foreign = await manager.docker.createNetwork({
    Name: 'foreign',
    Driver: 'overlay',
    Attachable: true,
  });
  for (const order of [
    [manager, worker],
    [worker, manager],
  ]) {
    await manager.docker.createNetwork({
      Name: 'left',
      Driver: 'overlay',
      Attachable: true,
      Labels: labels('killed'),
    });
    for (const { docker } of engines) {
      const container = await docker.createContainer({
        Image: image,
        Cmd: ['sleep', 'infinity'],
        Labels: labels('killed'),
        HostConfig: { NetworkMode: 'left' },
      });
      await container.start();
    }
    const swept = await removeLabelled(order, 'killed');
    expect(swept.map(({ containers }) => containers.length)).toEqual([1, 1]);
    for (const { docker } of engines) {
      expect(await docker.listContainers({ all: true, filters: labelFilter() })).toEqual([]);
    }
    const names = async () => (await manager.docker.listNetworks()).map(({ Name }) => Name);
    // A swarm takes a network away from its nodes a moment after it said so.
    await expect.poll(names, { timeout: 10_000 }).not.toContain('left');
    expect(await names()).toContain('foreign');
  }
  await foreign.remove();
}

describe('lab', () => {
  test('comes up as two engines in one swarm with the same image, is found again, and leaves nothing', async () => {
    const before = await traces();
    const lab = await labUp(acquired.engine, { nodes: 2, progress });
    expect(lab.wasUp).toBe(false);
    expect(lab.engines.map(({ name, ownership }) => ({ name, ownership }))).toEqual([
      { name: 'node-1', ownership: 'lab' },
      { name: 'node-2', ownership: 'lab' },
    ]);
    expect(new Set(lab.engines.map(({ id }) => id)).size).toBe(2);
    for (const address of lab.underlayAddresses) expect(address).toMatch(/^198\.18\.\d+\.\d+$/);
    expect(statSync(socketFolder()).mode & 0o777).toBe(0o700);

    const toolbox = await ensureToolbox(acquired.engine, progress);
    for (const engine of lab.engines) {
      expect((await engine.docker.getImage(toolbox.name).inspect()).Id).toBe(toolbox.id);
      await copyImage(acquired.engine, engine, toolbox.name);
    }
    const nodes = await lab.engines[0]?.docker.listNodes();
    expect(nodes?.map((node) => node.Status?.State)).toEqual(['ready', 'ready']);
    for (const [index, engine] of lab.engines.entries()) {
      const { Swarm: swarm } = await engine.docker.info();
      expect(swarm).toMatchObject({ NodeAddr: lab.underlayAddresses[index], ControlAvailable: index === 0 });
    }

    await sweepAcross(lab.engines, toolbox.name);

    const again = await labUp(acquired.engine, { nodes: 2, progress });
    expect(again.wasUp).toBe(true);
    expect(again.engines.map(({ id }) => id)).toEqual(lab.engines.map(({ id }) => id));
    await expect(labUp(acquired.engine, { nodes: 3, progress })).rejects.toMatchObject({ kind: 'usage' });
    expect(await labStatus(acquired.engine)).toMatchObject({
      up: true,
      nodes: [
        { name: 'node-1', state: 'ready' },
        { name: 'node-2', state: 'ready' },
      ],
    });

    // The first to leave must not take it away from the other.
    await again.down();
    expect((await labStatus(acquired.engine)).up).toBe(true);
    await lab.down();
    expect(await labStatus(acquired.engine)).toEqual({ up: false, nodes: [] });
    expect(await traces()).toEqual(before);
  });

  test('no container is privileged', async () => {
    const lab = await labUp(acquired.engine, { nodes: 2, progress });
    const filters = { label: [`tare.lab=${labProject()}`] };
    const containers = await acquired.engine.docker.listContainers({ filters });
    expect(containers).toHaveLength(2);
    for (const { Id } of containers) {
      const { HostConfig: config } = await acquired.engine.docker.getContainer(Id).inspect();
      expect(config.Privileged).toBe(false);
      expect(config.CapAdd).not.toContain('ALL');
    }
    await lab.down();
  });

  test('after the process that brought it up was killed, another takes it down', async () => {
    const before = await traces();
    const script = join(stateFolder(), 'user.mts');
    const from = (file: string) => JSON.stringify(join(process.cwd(), file));
    writeFileSync(
      script,
      `import { acquireLabHost } from ${from('bench/lab/lab-host.ts')};
       import { labUp } from ${from('bench/lab/lab.ts')};
       const progress = () => undefined;
       const { engine } = await acquireLabHost({ progress });
       const lab = await labUp(engine, { nodes: 2, progress });
       console.log(lab.engines.length);
       setInterval(() => undefined, 1000);`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await ended;
    expect((await labStatus(acquired.engine)).up).toBe(true);
    await labDown(acquired.engine);
    await labDown(acquired.engine);
    expect(await traces()).toEqual(before);
  });

  test('what can not be is refused before anything is made', async () => {
    const before = await traces();
    const remote = { ...acquired.engine, url: 'tcp://198.18.0.9:2376' };
    await expect(labUp(remote, { nodes: 2, progress })).rejects.toMatchObject({
      name: 'Failure',
      kind: 'usage',
    });
    for (const nodes of [0, 1, 1.5, 17]) {
      await expect(labUp(acquired.engine, { nodes, progress })).rejects.toMatchObject({ kind: 'usage' });
    }
    expect(await traces()).toEqual(before);
  });
});
