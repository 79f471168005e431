import { randomBytes } from 'node:crypto';
import { confined } from '../engine/confinement.ts';
import { labels } from '../engine/labels.ts';
import { removeContainer } from '../engine/remove.ts';
import { within } from '../engine/within.ts';
import type { Site } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import type { ControlPlane } from '../workloads/workload.ts';
import { CleanUp } from './clean-up.ts';
import { type MadeNetwork, Networks } from './networks.ts';
import type { StartedContainer } from './started.ts';

export interface ControlPlaneParts {
  readonly site: Site;
  readonly pool: SubnetPool;
  readonly client: StartedContainer;
  /** What `HostConfig.NetworkMode` the client has. */
  readonly clientNetwork: string;
  /** How the pair's network was asked for, and on which engine; absent where the pair has none of its own. */
  readonly network: MadeNetwork | undefined;
}

/** A caller gives up by itself after so long; its engine may take so much longer to say so. */
const callerSeconds = 30;
const engineSeconds = 15;
/** Exit code of `timeout` where it had to end something. */
const timeoutExit = 124;

/** The engine operations that `control-plane` times. Everything made carries the run's labels, so a sweep finds it. */
export function controlPlaneOf({
  site,
  pool,
  client,
  clientNetwork,
  network,
}: ControlPlaneParts): ControlPlane {
  const { docker } = client.engine;
  const twins = new Map<string, CleanUp>();
  const own = labels(site.runId, { 'tare.role': 'control-plane' });
  return {
    // The engine lets two networks of a parent's driver not stand on one parent.
    hasNetwork: network !== undefined && network.spec.options?.parent === undefined,
    // The engine connects neither a container on the host's network nor one that joined another's namespace.
    canAttach:
      clientNetwork !== 'host' && clientNetwork !== 'none' && !clientNetwork.startsWith('container:'),
    async createNetwork() {
      if (!network) throw new Error('the pair has no network of its own');
      const cleanUp = new CleanUp();
      const twinsOf = new Networks({ pool, cleanUp, prefix: `tare-${site.runId}-twin`, labels: own });
      const { driver, attachable = false, options = {} } = network.spec;
      try {
        const { name } = await twinsOf.make(network.engine, { driver, attachable, options });
        twins.set(name, cleanUp);
        return name;
      } catch (error) {
        await cleanUp.run().catch(() => undefined);
        throw error;
      }
    },
    async connect(name) {
      await docker.getNetwork(name).connect({ Container: client.id });
    },
    async disconnect(name) {
      await docker.getNetwork(name).disconnect({ Container: client.id, Force: true });
    },
    async removeNetwork(name) {
      await twins.get(name)?.run();
      twins.delete(name);
    },
    async createCaller(host, port) {
      const container = await docker.createContainer({
        name: `tare-${site.runId}-caller-${randomBytes(3).toString('hex')}`,
        Image: site.image.name,
        Cmd: [
          ...['timeout', String(callerSeconds)],
          ...['sh', '-c', 'until nc -w 1 "$1" "$2" </dev/null >/dev/null 2>&1; do usleep 1000; done'],
          ...['sh', host, String(port)],
        ],
        Labels: own,
        HostConfig: { ...confined(), NetworkMode: clientNetwork },
      });
      return container.id;
    },
    async startAndWait(id) {
      const container = docker.getContainer(id);
      const ended = container.wait({ condition: 'next-exit' });
      await container.start();
      const answer = await within(callerSeconds + engineSeconds, ended);
      if (answer === 'late')
        throw new Error(`its engine tells no end of a container that ends within ${callerSeconds} s`);
      if (answer.StatusCode === timeoutExit) throw new Error(`no connection within ${callerSeconds} s`);
      return answer.StatusCode;
    },
    removeCaller: (id) => removeContainer(client.engine, id),
  };
}
