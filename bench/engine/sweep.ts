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
 * Removes every container, network and volume that carries Tare's label, and nothing else.
 * @param runId only those of this run, where given
 */
export async function removeLabelled(engine: Engine, runId?: string): Promise<Swept> {
  const filters = labelFilter(runId);
  const containers = await engine.docker.listContainers({ all: true, filters });
  await Promise.all(containers.map((container) => removeContainer(engine, container.Id)));
  const networks = await engine.docker.listNetworks({ filters });
  for (const network of networks) await removeNetwork(engine, network.Id);
  const { Volumes: volumes } = await engine.docker.listVolumes({ filters });
  for (const volume of volumes ?? []) await engine.docker.getVolume(volume.Name).remove({ force: true });
  return {
    containers: containers.map((container) => container.Names[0]?.replace(/^\//, '') ?? container.Id),
    networks: networks.map((network) => network.Name),
    volumes: (volumes ?? []).map((volume) => volume.Name),
  };
}
