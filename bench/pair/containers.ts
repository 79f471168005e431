import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { ContainerSpec } from '../../drivers/driver.ts';
import { confined } from '../engine/confinement.ts';
import type { Engine } from '../engine/engine.ts';
import { removeContainer } from '../engine/remove.ts';
import type { CleanUp } from './clean-up.ts';
import type { StartedContainer } from './started.ts';

export interface ContainersOptions {
  readonly cleanUp: CleanUp;
  readonly image: string;
  /** With what their names begin. */
  readonly prefix: string;
  readonly labels: (role: string) => Record<string, string>;
  /** What each has beside the capabilities that it was asked for with. */
  readonly capabilities: readonly string[];
}

/** Where a container's ports are published, as the engine names them: `21000/tcp`. */
export interface Published {
  readonly ports: readonly string[];
  readonly address: string;
}

/** Starts containers, and has each removed by the clean-up. */
export class Containers {
  readonly #options: ContainersOptions;
  readonly #started = new Map<
    string,
    { readonly spec: ContainerSpec; readonly container: StartedContainer }
  >();

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  /** @throws EngineFault where it does not start; what the engine may have made nonetheless is cleaned up */
  async start(engine: Engine, spec: ContainerSpec, published?: Published): Promise<StartedContainer> {
    const { cleanUp, image, prefix, labels, capabilities } = this.#options;
    const name = `${prefix}-${spec.role}${spec.number === undefined ? '' : `-${spec.number}`}`;
    const joinsOther = spec.network.startsWith('container:');
    const { ports = [], address } = published ?? {};
    // By its name until its id is known: an answer that is lost leaves a container of which nobody heard.
    let removable = name;
    cleanUp.add(() => removeContainer(engine, removable));
    const created = await engine.docker.createContainer({
      name,
      Image: image,
      Cmd: ['sleep', 'infinity'],
      ...(joinsOther || spec.network === 'host' ? {} : { Hostname: spec.role }),
      Labels: labels(spec.role),
      ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
      HostConfig: {
        ...confined([...(spec.capabilities ?? []), ...capabilities]),
        NetworkMode: spec.network,
        // Where the engine remaps users, only its own may share the host's namespaces.
        ...(spec.network === 'host' ? { UsernsMode: 'host' } : {}),
        Sysctls: { ...spec.sysctls },
        PortBindings: Object.fromEntries(
          ports.map((port) => [port, [{ HostIp: address, HostPort: port.split('/')[0] as string }]]),
        ),
      },
      ...(spec.networkAliases
        ? { NetworkingConfig: { EndpointsConfig: { [spec.network]: { Aliases: [...spec.networkAliases] } } } }
        : {}),
    });
    removable = created.id;
    await startPatiently(created);
    const networks = Object.values((await created.inspect()).NetworkSettings.Networks);
    const endpoint = networks.find((each) => each.IPAddress) ?? networks[0];
    const container = {
      id: created.id,
      name,
      engine,
      address: endpoint?.IPAddress || undefined,
      address6: endpoint?.GlobalIPv6Address || undefined,
    };
    this.#started.set(created.id, { spec, container });
    return container;
  }

  /** One that was started here, and how it was asked for. */
  startedAs(id: string): { readonly spec: ContainerSpec; readonly container: StartedContainer } {
    const started = this.#started.get(id);
    if (!started) throw new Error(`${id} is not a container of this pair`);
    return started;
  }
}

// A worker's first attachment to an overlay waits for its manager and may be told off with a deadline (moby).
async function startPatiently(container: Docker.Container): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await container.start();
      return;
    } catch (error) {
      const passing = /deadline exceeded|could not find network|network .* not found/i.test(
        (error as Error).message,
      );
      if (!passing || attempt === 5) throw error;
      await delay(attempt * 500);
    }
  }
}
