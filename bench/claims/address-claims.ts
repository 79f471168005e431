import { type Evidence, evidenceOf, notTested } from '../../results/evidence.ts';
import type { Engine } from '../engine/engine.ts';
import type { StartedContainer } from '../pair/started.ts';
import { answer, executorIn, reaches, type Stage } from './stage.ts';

/** Claim 12: an overlay is one subnet on every node, in which no two containers have the same address. */
export async function oneSubnetOnAllNodes(stage: Stage): Promise<Evidence> {
  const lacking = stage.lacks('cross-host/overlay');
  if (lacking) return notTested(12, lacking);
  return stage.with('cross-host', async (context) => {
    const { serverEngine, clientEngine, swarmManager } = context;
    if (!swarmManager) throw new Error('an overlay needs a swarm; preflight should have said so');
    const network = await context.createNetwork(swarmManager, { driver: 'overlay', attachable: true });
    const containers: StartedContainer[] = [];
    for (const engine of [serverEngine, clientEngine]) {
      for (const role of ['server', 'client'] as const) {
        containers.push(await context.startContainer(engine, { role, network: network.name }));
      }
    }
    // A node knows the network once a container of its own is on it.
    const views = await Promise.all(
      [serverEngine, clientEngine].map((engine) => viewOf(engine, network.name)),
    );
    const ids = new Set(views.map(({ id }) => id));
    const subnets = new Set(views.map(({ subnet }) => subnet));
    const addresses = containers.map(({ address }) => address ?? '(none)');
    const outside = addresses.filter((address) => !isInside(address, network.subnet));
    const distinct = new Set(addresses).size === addresses.length;
    const [first, , , last] = containers;
    if (!first || !last?.address) throw new Error('the last container has no address');
    await answer(last);
    const across = await reaches(executorIn(first), last.address);
    return evidenceOf(12, [
      {
        text: `Both nodes call the network by ${ids.size === 1 ? 'one id' : `${ids.size} ids`} and give it the subnet ${[...subnets].join(' and ')}.`,
        agrees: ids.size === 1 && subnets.size === 1 && subnets.has(network.subnet),
      },
      {
        text: `Two containers on each node got ${addresses.join(', ')}: ${distinct ? 'all different' : 'not all different'}, ${outside.length === 0 ? 'all inside it' : `${outside.join(', ')} outside it`}.`,
        agrees: distinct && outside.length === 0,
      },
      {
        text: `A container of the one node reaches one of the other at that address: ${across ? 'yes' : 'no'}.`,
        agrees: across,
      },
    ]);
  });
}

async function viewOf(engine: Engine, network: string): Promise<{ id: string; subnet: string }> {
  const { Id: id, IPAM: ipam } = await engine.docker.getNetwork(network).inspect();
  return { id, subnet: ipam?.Config?.[0]?.Subnet ?? '(none)' };
}

/** Whether an IPv4 address lies in a subnet written with its prefix length. */
export function isInside(address: string, subnet: string): boolean {
  const [base = '', length = ''] = subnet.split('/');
  const number = (text: string) => {
    const bytes = text.split('.').map(Number);
    if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) {
      return undefined;
    }
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  };
  const [own, start] = [number(address), number(base)];
  if (own === undefined || start === undefined || !/^\d{1,2}$/.test(length)) return false;
  const size = 2 ** (32 - Number(length));
  return Math.floor(own / size) === Math.floor(start / size);
}
