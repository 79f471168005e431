import { ContainerExecutor } from '../engine/container-executor.ts';
import type { WorkloadPair } from '../workloads/workload.ts';
import type { StartedContainer, StartedWiring } from './started.ts';

/** Makes a container like the one given, on the same network; it is removed with the pair. */
export type StartTwin = (
  of: StartedContainer,
  role: 'server' | 'client',
  number: number,
) => Promise<StartedContainer>;

/** Above the pairs' own ports and below the ephemeral ones. */
const firstPort = 24_000;
/** Ports that each pair's companions may take, for those that share the host's. */
const portsPerPair = 16;

/**
 * Further pairs on a pair's network, made when first asked for and kept until the pair is removed.
 * @param scenarioIndex position in the plan; decides the ports, which matter on host networking
 * @returns nothing where an end is no container
 */
export function companionsOf(
  pair: WorkloadPair,
  wiring: StartedWiring,
  scenarioIndex: number,
  startTwin: StartTwin,
): { readonly companions?: WorkloadPair['companions'] } {
  const { server, client } = wiring;
  if (server.type !== 'container' || client.type !== 'container') return {};
  const made: Promise<WorkloadPair>[] = [];
  const make = async (number: number): Promise<WorkloadPair> => {
    // One after the other: the engine's network calls are serial anyway.
    await made[number - 1];
    const [twinServer, twinClient] = [
      await startTwin(server.container, 'server', number + 1),
      await startTwin(client.container, 'client', number + 1),
    ];
    const usesIpv6 = pair.serverAddress.includes(':');
    const address = (usesIpv6 ? twinServer.address6 : twinServer.address) ?? pair.serverAddress;
    const port = firstPort + scenarioIndex * portsPerPair + number;
    return {
      ...pair,
      server: executorOf(twinServer),
      client: executorOf(twinClient),
      serverAddress: address,
      listenAddress: address,
      ports: { ...pair.ports, iperf3: port },
    };
  };
  return {
    companions: async (count) => {
      for (let number = made.length; number < Math.min(count, portsPerPair); number += 1)
        made.push(make(number));
      return Promise.all(made.slice(0, count));
    },
  };
}

function executorOf(container: StartedContainer): ContainerExecutor {
  return new ContainerExecutor(container.engine.docker, container, container.engine.name);
}
