import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { isRunning } from '../../results/process-identity.ts';
import { Leases } from '../state/leases.ts';
import { type LockOptions, withLock } from '../state/lock.ts';
import { stateSubfolder } from '../state/state.ts';
import { connectEngine } from './connect.ts';
import type { Engine } from './engine.ts';
import { isolatedEngineIn, startIsolatedEngine, stopIsolatedEngine } from './isolated-engine.ts';
import { tareLabel } from './labels.ts';
import { removeContainer, removeVolume } from './remove.ts';

/** The engine's own address, as it has no other but loopback: the swarm is advertised on it. */
const ownAddress = '198.18.255.1';

// Networks that Docker makes unasked stay in 198.18.0.0/16 as well, clear of the pairs' 198.19.0.0/16.
const dockerdOptions = [
  ...['--bip', '198.18.254.1/24', '--default-address-pool', 'base=198.18.192.0/19,size=26'],
];
const prepare = `
ip link add tare-ul0 type bridge
ip address add ${ownAddress}/24 dev tare-ul0
ip link set tare-ul0 up
`;

export interface PrivateEngine {
  readonly engine: Engine;
  /** Gives it back; whoever gives it back last stops it, unless it is kept. @returns whether it was stopped */
  release(): Promise<boolean>;
}

const folder = () => stateSubfolder('engine');
const leases = new Leases('engine/leases');

/**
 * Tare's own engine for a machine on which none can be reached: started, or shared with the runs that use it already.
 * It has a swarm of one node.
 * @throws Failure `infrastructure` where it can't be started
 */
export async function startPrivateEngine(options: LockOptions = {}): Promise<PrivateEngine> {
  const take = async () => {
    const engine = (await findPrivateEngine()) ?? (await start());
    const lease = leases.take();
    return {
      engine,
      release: () =>
        withLock('private-engine', async () => {
          lease.release();
          if (leases.anyHeld()) return false;
          await stopIsolatedEngine(folder());
          return true;
        }),
    };
  };
  return withLock('private-engine', take, options);
}

/** The private engine that runs now, whoever started it. */
export async function findPrivateEngine(): Promise<Engine | undefined> {
  const found = isolatedEngineIn(folder());
  if (!found || !isRunning(found.process)) return undefined;
  return connectEngine(found.url, { name: 'local', ownership: 'private' });
}

/** Holds the private engine up after all runs have given it back (as a lab on it needs), or lets it go. */
export function keepPrivateEngine(wanted: boolean): void {
  leases.keep(wanted);
}

/**
 * Stops the private engine of killed runs, unless a living run uses it or it is kept.
 * @param dryRun only tell
 * @returns whether one was stopped
 */
export async function sweepPrivateEngine(dryRun: boolean): Promise<boolean> {
  return withLock('private-engine', async () => {
    const found = isolatedEngineIn(folder());
    if (!found || leases.anyHeld()) return false;
    if (dryRun) return isRunning(found.process);
    await stopIsolatedEngine(folder());
    return isRunning(found.process) === false;
  });
}

async function start(): Promise<Engine> {
  await stopIsolatedEngine(folder());
  // Networks and the swarm of an earlier, killed run: no use to anyone, and the swarm's certificate would expire.
  for (const root of dataRoots()) {
    for (const stale of ['network', 'swarm']) rmSync(join(root, stale), { recursive: true, force: true });
  }
  leases.keep(false);
  const { url } = await startIsolatedEngine({
    folder: folder(),
    network: 'own',
    tied: false,
    dockerdOptions,
    prepare,
  });
  const engine = await connectEngine(url, { name: 'local', ownership: 'private' });
  await Promise.all([removeLeftovers(engine), initSwarm(engine.docker)]);
  return engine;
}

/** Where the engine keeps its data: with userns-remap in a folder below its own, called after the users. */
function dataRoots(): string[] {
  const data = join(folder(), 'data');
  const remapped = existsSync(data) ? readdirSync(data).filter((name) => /^\d+\.\d+$/.test(name)) : [];
  return [data, ...remapped.map((name) => join(data, name))];
}

async function initSwarm(docker: Docker) {
  try {
    await docker.swarmInit({
      ListenAddr: `${ownAddress}:2377`,
      AdvertiseAddr: ownAddress,
      DefaultAddrPool: ['198.18.128.0/18'],
      SubnetSize: 24,
    });
  } catch (error) {
    // A daemon told to live-restore has no swarm: only overlays need one, and preflight says why they can't be had.
    if (!/live-restore/i.test((error as Error).message)) throw error;
  }
}

/** At a start nobody uses the engine, so what a killed run left of Tare's in it can go. */
async function removeLeftovers(engine: Engine) {
  const filters = { label: [`${tareLabel}=1`] };
  const containers = await engine.docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => removeContainer(engine, Id)));
  const { Volumes: volumes } = await engine.docker.listVolumes({ filters });
  await Promise.all((volumes ?? []).map(({ Name }) => removeVolume(engine, Name)));
}
