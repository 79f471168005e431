import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectEngine } from '../../bench/engine/connect.ts';
import { type CountedMachine, openCountedMachine } from '../../bench/machine/counted-machine.ts';
import { recipeSchema } from '../../bench/machine/recipe.ts';
import { whyNoGuests } from './guests.ts';

const reason = whyNoGuests();
const recipe = recipeSchema.parse({});
const { signal } = new AbortController();

let machines: CountedMachine[] = [];

beforeAll(async () => {
  if (reason !== undefined) return;
  const open = (guest: number) =>
    openCountedMachine({ recipe, guest, accounting: true, progress: () => undefined, signal });
  machines = await Promise.all([open(0), open(1)]);
});
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(reason);
});
afterAll(() => Promise.all(machines.map((machine) => machine.stop())));

it('starts side by side from one snapshot, each with its engines in one swarm and the toolbox', async () => {
  const [one, other] = machines as [CountedMachine, CountedMachine];
  expect(new Set([...one.engines, ...other.engines]).size).toBe(4);
  expect(one.recipe).toEqual(other.recipe);
  expect([one.guest, other.guest]).toEqual([0, 1]);
  const infos = await Promise.all(
    machines.flatMap(({ engines }) =>
      engines.map(async (url) => {
        const { docker } = await connectEngine(url, { ownership: 'lab', tls: 'none' });
        const images = await docker.listImages({ filters: { reference: ['tare/toolbox'] } });
        return { ...(await docker.info()), images: images.length };
      }),
    ),
  );
  for (const info of infos) expect(info).toMatchObject({ images: 1, Swarm: { LocalNodeState: 'active' } });
  // It is the very same machine twice: only the guest's number tells them apart.
  expect(infos.map(({ ID }) => ID).slice(0, 2)).toEqual(infos.map(({ ID }) => ID).slice(2));
});

it('runs programs without a daemon, and has neither huge pages nor pressure accounting', async () => {
  for (const { agent } of machines) {
    const asked = ['cat', '/sys/kernel/mm/transparent_hugepage/enabled'];
    expect((await agent.run(asked, 10)).stdout).toContain('[never]');
    expect((await agent.run(['ls', '/proc/pressure'], 10)).exitCode).not.toBe(0);
  }
});

it('leaves neither process nor socket', async () => {
  for (const machine of machines) {
    await machine.stop();
    expect(machine.process.hasEnded()).toBe(true);
    expect(existsSync(machine.process.folder)).toBe(false);
  }
});
