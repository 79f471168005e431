import { randomBytes } from 'node:crypto';
import type { NetworkSpec } from '../../drivers/driver.ts';
import { confined } from '../engine/confinement.ts';
import type { Engine } from '../engine/engine.ts';
import { labels } from '../engine/labels.ts';
import { removeContainer, removeNetwork } from '../engine/remove.ts';
import { within } from '../engine/within.ts';
import type { Site } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import type { ControlPlane } from '../workloads/workload.ts';
import type { StartedContainer } from './started.ts';

export interface ControlPlaneParts {
  readonly site: Site;
  readonly pool: SubnetPool;
  readonly client: StartedContainer;
  /** What `HostConfig.NetworkMode` the client has. */
  readonly clientNetwork: string;
  /** How the pair's network was asked for, and on which engine; absent where the pair has none of its own. */
  readonly network: { readonly spec: NetworkSpec; readonly engine: Engine } | undefined;
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
  const subnets = new Map<string, string>();
  const own = labels(site.runId, { 'tare.role': 'control-plane' });
  return {
    // The engine lets two networks of a parent's driver not stand on one parent.
    hasNetwork: network !== undefined && network.spec.options?.parent === undefined,
    // The engine connects neither a container on the host's network nor one that joined another's namespace.
    canAttach:
      clientNetwork !== 'host' && clientNetwork !== 'none' && !clientNetwork.startsWith('container:'),
    async createNetwork() {
      if (!network) throw new Error('the pair has no network of its own');
      const subnet = pool.take();
      const name = `tare-${site.runId}-twin-${randomBytes(3).toString('hex')}`;
      subnets.set(name, subnet);
      await network.engine.docker.createNetwork({
        Name: name,
        Driver: network.spec.driver,
        Attachable: network.spec.attachable ?? false,
        Labels: own,
        Options: { ...network.spec.options },
        IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
      });
      return name;
    },
    async connect(name) {
      await docker.getNetwork(name).connect({ Container: client.id });
    },
    async disconnect(name) {
      await docker.getNetwork(name).disconnect({ Container: client.id, Force: true });
    },
    async removeNetwork(name) {
      if (network) await removeNetwork(network.engine, name);
      const subnet = subnets.get(name);
      if (subnet) pool.giveBack(subnet);
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
