import { rmSync } from 'node:fs';
import { Failure } from '../../results/failure.ts';
import { ownOwner } from '../../results/owner.ts';
import type { Engine } from '../engine/engine.ts';
import { keepPrivateEngine } from '../engine/private-engine.ts';
import { removeContainer, removeNetwork } from '../engine/remove.ts';
import { formSwarm, isInSwarm, type SwarmMember } from '../engine/swarm.ts';
import { copyImage, ensureNodeImage, ensureToolbox } from '../image/image.ts';
import { Leases } from '../state/leases.ts';
import { withLock } from '../state/lock.ts';
import { stateTag } from '../state/state.ts';
import { compose } from './compose.ts';
import { awaitNode, connectNode, findNodes, giveIpv6, socketFolder } from './node.ts';

import { labSubnet } from './underlay.ts';

/** Engines in containers on one machine, joined by an underlay network and in a swarm of their own. */
export interface Lab {
  /** `node-1`, `node-2`, …; the first is the swarm's manager. */
  readonly engines: readonly Engine[];
  /** Address of each engine on the underlay, in the same order. */
  readonly underlayAddresses: readonly string[];
  /** True where it was up before. */
  readonly wasUp: boolean;
  /** Gives it back: whoever is last takes it down, unless it is kept. @returns whether it was taken down */
  down(): Promise<boolean>;
}

export interface LabOptions {
  /** How many engines, at least two. */
  readonly nodes: number;
  /** Its nodes are as good as root of the machine, so on somebody's engine it stands only where that was asked for. */
  readonly onUserEngine?: boolean | undefined;
  /** The range, as CIDR, in which the underlay lies; the usual one where absent. A lab that is up stays where it is. */
  readonly subnets?: string | undefined;
  readonly progress: (text: string) => void;
  /** Ends the waiting for another process that is at the lab. */
  readonly signal?: AbortSignal | undefined;
}

export interface LabStatus {
  readonly up: boolean;
  readonly nodes: readonly { readonly name: string; readonly state: string; readonly url: string }[];
}

/** One lab per state folder: its compose project, which all its containers and networks carry as `tare.lab`. */
export const labProject = () => `tare-lab-${stateTag()}`;
const leases = new Leases('lab/leases');

/**
 * Brings the lab up, or finds it up: each engine answers, has the toolbox image and is in the lab's swarm.
 * @param outer the engine that the nodes run on; must be on this machine, as it shares the sockets with it
 * @throws Failure; what was begun is taken down then
 */
export async function labUp(outer: Engine, options: LabOptions): Promise<Lab> {
  refuseImpossible(outer, options);
  const take = async (): Promise<Lab> => {
    const found = await findUp(outer);
    if (found && found.length !== options.nodes) {
      throw new Failure(
        'usage',
        `a lab of ${found.length} nodes is up, and ${options.nodes} are wanted`,
        'Run `tare lab down` first.',
      );
    }
    const lease = leases.take();
    try {
      const members = found ?? (await bringUp(outer, options));
      return {
        engines: members.map(({ engine }) => engine),
        underlayAddresses: members.map(({ underlayAddress }) => underlayAddress),
        wasUp: found !== undefined,
        // Looked at and taken down under one lock: another run may come to use it in between.
        down: () =>
          withLock('lab', async () => {
            lease.release();
            if (leases.anyHeld()) return false;
            await remove(outer);
            if (outer.ownership === 'private') keepPrivateEngine(false);
            return true;
          }),
      };
    } catch (error) {
      lease.release();
      // Why it did not come up matters; what can't be removed now goes with the next start or `tare clean`.
      await remove(outer).catch(() => undefined);
      if (outer.ownership === 'private') keepPrivateEngine(false);
      throw error;
    }
  };
  return withLock('lab', take, options);
}

function refuseImpossible(outer: Engine, { nodes, onUserEngine }: LabOptions) {
  if (outer.ownership === 'user' && !onUserEngine) {
    throw new Failure(
      'usage',
      `a lab is not started on ${outer.name} unasked: its nodes are as good as root of the machine`,
      'Give --lab-on-user-engine, or let Tare start an engine for it.',
    );
  }
  if (!outer.url.startsWith('unix:')) {
    throw new Failure(
      'usage',
      `a lab can't stand on ${outer.name}: its engines' sockets would lie on another machine`,
      'Use an engine of this machine for the lab, or give two engines with --engine.',
    );
  }
  if (!Number.isInteger(nodes) || nodes < 2 || nodes > 16) {
    throw new Failure('usage', `a lab of ${nodes} nodes can't be made`, 'Give a number from 2 to 16.');
  }
}

/** What is up of the lab on that engine. Tells of nodes that don't answer, too. */
export async function labStatus(outer: Engine): Promise<LabStatus> {
  const nodes = await Promise.all(
    (await findNodes(outer, labProject())).map(async (node) => {
      const answers =
        node.state === 'running' && (await connectNode(node).catch(() => undefined)) !== undefined;
      return { name: node.name, state: answers ? 'ready' : node.state, url: node.url };
    }),
  );
  return { up: nodes.length > 0 && nodes.every(({ state }) => state === 'ready'), nodes };
}

/** Removes the lab from that engine, whoever brought it up and however far that came. */
export async function labDown(outer: Engine): Promise<void> {
  await withLock('lab', () => remove(outer));
  if (outer.ownership === 'private') keepPrivateEngine(false);
}

/** Holds the lab up after all runs have given it back, until `labDown`. */
export function keepLab(): void {
  leases.keep(true);
}

/**
 * Removes a lab that killed runs left on that engine.
 * @param all also one that is kept, if no run uses it
 * @param dryRun only tell
 * @returns what became of it: `kept` and `used` are left as they are
 */
export async function sweepLab(
  outer: Engine,
  { all, dryRun }: { readonly all: boolean; readonly dryRun: boolean },
): Promise<'none' | 'removed' | 'kept' | 'used'> {
  return withLock('lab', async () => {
    const filters = { label: [`tare.lab=${labProject()}`] };
    const [nodes, networks] = [
      await outer.docker.listContainers({ all: true, filters }),
      await outer.docker.listNetworks({ filters }),
    ];
    if (nodes.length === 0 && networks.length === 0) return 'none';
    const holder = leases.holder();
    if (holder === 'process' || (holder === 'kept' && !all)) return holder === 'kept' ? 'kept' : 'used';
    if (dryRun) return 'removed';
    await remove(outer);
    if (outer.ownership === 'private') keepPrivateEngine(false);
    return 'removed';
  });
}

/** The engines of a lab that is up, those of them that answer. */
export async function labEngines(outer: Engine): Promise<Engine[]> {
  const nodes = (await findNodes(outer, labProject())).filter(({ state }) => state === 'running');
  const found = await Promise.allSettled(nodes.map(connectNode));
  return found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

async function remove(outer: Engine) {
  const { docker } = outer;
  const filters = { label: [`tare.lab=${labProject()}`] };
  const nodes = await docker.listContainers({ all: true, filters });
  // With its anonymous volume, which holds a node's images.
  await Promise.all(nodes.map(({ Id }) => removeContainer(outer, Id)));
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => removeNetwork(outer, Id)));
  leases.keep(false);
  rmSync(socketFolder(), { recursive: true, force: true });
}

/** The lab's members where all of it works; a half-dead lab counts as none. */
async function findUp(outer: Engine): Promise<SwarmMember[] | undefined> {
  const nodes = await findNodes(outer, labProject());
  if (nodes.length === 0 || nodes.some(({ state }) => state !== 'running')) return undefined;
  try {
    const members = await Promise.all(
      nodes.map(async (node) => ({ engine: await connectNode(node), underlayAddress: node.underlayAddress })),
    );
    const joined = await Promise.all(members.map(({ engine }) => isInSwarm(engine)));
    return joined.every(Boolean) ? members : undefined;
  } catch {
    return undefined;
  }
}

async function bringUp(
  outer: Engine,
  { nodes: count, subnets, progress }: LabOptions,
): Promise<SwarmMember[]> {
  await remove(outer);
  const toolbox = await ensureToolbox(outer, progress);
  const variables = {
    TARE_LAB_PROJECT: labProject(),
    TARE_LAB_STATE: stateTag(),
    TARE_LAB_OWNER: ownOwner(),
    TARE_LAB_IMAGE: await ensureNodeImage(outer, progress),
    TARE_LAB_SOCKETS: socketFolder(),
    TARE_LAB_SUBNET: await labSubnet(outer, subnets),
  };
  progress(`Starting a lab of ${count} engines`);
  const scale = ['--scale', `node=${count}`];
  await compose(outer, ['up', '--detach', '--no-build', '--pull', 'never', ...scale], variables, progress);
  const nodes = await findNodes(outer, labProject());
  const members = await Promise.all(
    nodes.map(async (node) => ({
      engine: await awaitNode(outer, node),
      underlayAddress: node.underlayAddress,
    })),
  );
  progress('Giving the lab its image and its swarm');
  await Promise.all(nodes.map((node) => giveIpv6(outer, node)));
  await Promise.all([
    formSwarm(members),
    ...members.map(({ engine }) => copyImage(outer, engine, toolbox.name)),
  ]);
  return members;
}
