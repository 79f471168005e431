import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AcquiredEngine } from '../../bench/engine/acquire-engine.ts';
import { copyImage, ensureToolbox } from '../../bench/image/image.ts';
import { type Lab, labUp } from '../../bench/lab/lab.ts';
import { acquireLabHost } from '../../bench/lab/lab-host.ts';
import { newRunId, openSite } from '../../bench/site/open-site.ts';
import { Probe } from '../../bench/site/probe.ts';

const progress = () => undefined;
let acquired: AcquiredEngine;
let lab: Lab;
beforeAll(async () => {
  acquired = await acquireLabHost({ progress });
  lab = await labUp(acquired.engine, { nodes: 2, progress });
});
afterAll(async () => {
  await lab.down();
  await acquired.release();
});

const engines = () => lab.engines.map(({ url }) => url);
const open = () =>
  openSite({ engines: engines(), labNodes: undefined, listener: progress }, newRunId(new Date()));

it('two engines that can not reach each other are refused by name, and nothing of the run stays on them', async () => {
  const toolbox = await ensureToolbox(acquired.engine, progress);
  const server = lab.engines[0];
  if (!server) throw new Error('the lab has no engine');
  await copyImage(acquired.engine, server, toolbox.name);
  const probe = await Probe.start(server, toolbox.name, 'unreachable');
  const wall = 'INPUT -p tcp --dport 20999 -j DROP';
  try {
    await probe.shell(`iptables -w -I ${wall}`);
    await expect(open()).rejects.toMatchObject({
      name: 'Failure',
      kind: 'infrastructure',
      message: expect.stringMatching(/can't reach .* at 198\.18\.\d+\.\d+/),
    });
    await probe.shell(`iptables -w -D ${wall}`);
    // The control: without the wall the same two engines are taken.
    await (await open()).close();
  } finally {
    await probe.remove();
  }
  const filters = { label: ['tare.run'] };
  for (const engine of lab.engines) {
    expect(await engine.docker.listContainers({ all: true, filters })).toEqual([]);
  }
});
