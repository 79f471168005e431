import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engine.ts';

export interface SwarmMember {
  readonly engine: Engine;
  readonly underlayAddress: string;
}

/** Docker's port for managers; data goes over VXLAN on 4789. */
const managementPort = 2377;

/** Joins engines that are Tare's own into one swarm over the underlay; the first becomes its manager. */
export async function formSwarm([manager, ...workers]: readonly SwarmMember[]): Promise<void> {
  if (!manager) return;
  await manager.engine.docker.swarmInit({
    ListenAddr: `${manager.underlayAddress}:${managementPort}`,
    AdvertiseAddr: manager.underlayAddress,
    // Clear of the underlay and of the pairs' networks.
    DefaultAddrPool: ['198.18.128.0/18'],
    SubnetSize: 24,
  });
  const { JoinTokens: tokens } = await manager.engine.docker.swarmInspect();
  await Promise.all(
    workers.map((worker) =>
      worker.engine.docker.swarmJoin({
        ListenAddr: `${worker.underlayAddress}:${managementPort}`,
        AdvertiseAddr: worker.underlayAddress,
        RemoteAddrs: [`${manager.underlayAddress}:${managementPort}`],
        JoinToken: tokens.Worker,
      }),
    ),
  );
  await Promise.all(workers.map(({ engine }) => awaitActive(engine)));
}

async function awaitActive(engine: Engine) {
  const deadline = Date.now() + 60_000;
  while (!(await isInSwarm(engine))) {
    if (Date.now() > deadline) throw new Error(`${engine.name} does not become active in the swarm`);
    await sleep(100);
  }
}

export async function isInSwarm(engine: Engine): Promise<boolean> {
  return (await engine.docker.info()).Swarm?.LocalNodeState === 'active';
}
