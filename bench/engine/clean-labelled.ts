import type { Engine } from './engine.ts';
import { labelFilter } from './labels.ts';
import { removeContainer, removeNetwork } from './remove.ts';

/** What a sweep took away, by name. */
export interface Swept {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/**
 * Removes every container, network and volume that carries Tare's label, and nothing else. Containers go first on all
 * the engines, since those of one may be on an overlay that another has to remove.
 * @param runId only those of this run, where given
 * @returns what was removed on each engine, in the order given
 */
export async function removeLabelled(engines: readonly Engine[], runId?: string): Promise<Swept[]> {
  const filters = labelFilter(runId);
  const containers = await Promise.all(engines.map((engine) => removeContainers(engine, filters)));
  const swept: Swept[] = [];
  for (const [index, engine] of engines.entries()) {
    const networks = await engine.docker.listNetworks({ filters });
    for (const network of networks) await removeNetwork(engine, network.Id);
    const { Volumes: volumes } = await engine.docker.listVolumes({ filters });
    for (const volume of volumes ?? []) await engine.docker.getVolume(volume.Name).remove({ force: true });
    swept.push({
      containers: containers[index] ?? [],
      networks: networks.map((network) => network.Name),
      volumes: (volumes ?? []).map((volume) => volume.Name),
    });
  }
  return swept;
}

async function removeContainers(engine: Engine, filters: { label: string[] }): Promise<string[]> {
  const containers = await engine.docker.listContainers({ all: true, filters });
  await Promise.all(containers.map((container) => removeContainer(engine, container.Id)));
  return containers.map((container) => container.Names[0]?.replace(/^\//, '') ?? container.Id);
}
