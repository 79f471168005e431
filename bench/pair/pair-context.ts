import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type {
  Container,
  ContainerSpec,
  End,
  EngineRef,
  Network,
  NetworkSpec,
  PairWiring,
  ProvisionContext,
} from '../../drivers/driver.ts';
import { Failure } from '../../results/failure.ts';
import type { Scenario } from '../../results/scenario.ts';
import { confined } from '../engine/confinement.ts';
import type { Engine } from '../engine/engine.ts';
import { wordsOfEngine } from '../engine/engine-fault.ts';
import { interfaceAlias, interfacePrefix, labels } from '../engine/labels.ts';
import { removeContainer, removeNetwork } from '../engine/remove.ts';
import { allEngines, type Site, type SiteEngine, wayOut } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import type { ControlPlane } from '../workloads/workload.ts';
import { controlPlaneOf } from './control-plane.ts';
import { capabilitiesFor } from './impair.ts';
import type { StartedContainer, StartedEnd, StartedWiring } from './started.ts';

/** Gives drivers what they need to wire one pair, and remembers how to undo each step. */
export class PairContext implements ProvisionContext {
  readonly scenario: Scenario;
  readonly serverEngine: Engine;
  readonly clientEngine: Engine;
  readonly swarmManager: Engine | undefined;
  readonly #site: Site;
  readonly #pool: SubnetPool;
  readonly #sides: readonly SiteEngine[];
  readonly #published: readonly string[];
  readonly #name: string;
  readonly #undo: (() => Promise<void>)[] = [];
  readonly #madeNetworks = new Map<string, { readonly spec: NetworkSpec; readonly engine: Engine }>();
  readonly #started = new Map<
    string,
    { readonly spec: ContainerSpec; readonly container: StartedContainer }
  >();

  constructor(
    site: Site,
    pool: SubnetPool,
    scenario: Scenario,
    sides: { readonly server: SiteEngine; readonly client: SiteEngine },
    published: readonly string[],
    suffix: string,
  ) {
    this.scenario = scenario;
    this.serverEngine = sides.server.engine;
    this.clientEngine = sides.client.engine;
    this.swarmManager = [sides.server, sides.client].find((side) => side.swarm?.manager)?.engine;
    this.#site = site;
    this.#pool = pool;
    this.#sides = [sides.server, sides.client];
    this.#published = published;
    this.#name = `tare-${site.runId}-${suffix}`;
  }

  async allocateSubnet(): Promise<string> {
    const subnet = this.#pool.take();
    this.#undo.unshift(async () => this.#pool.giveBack(subnet));
    return subnet;
  }

  async createNetwork(on: EngineRef, spec: NetworkSpec): Promise<Network> {
    const { engine } = this.#side(on);
    const name = `${this.#name}-${randomBytes(2).toString('hex')}`;
    for (let attempt = 0; ; attempt++) {
      const subnet = spec.subnet ?? (await this.allocateSubnet());
      try {
        const created = await engine.docker.createNetwork({
          Name: name,
          Driver: spec.driver,
          CheckDuplicate: true,
          Internal: spec.internal ?? false,
          Attachable: spec.attachable ?? false,
          EnableIPv6: spec.ipv6 ?? false,
          Labels: labels(this.#site.runId, { 'tare.scenario': this.scenario.id }),
          Options: { ...spec.options },
          IPAM: { Driver: 'default', Config: ipamConfig(subnet, spec) },
        });
        this.#undo.push(() => removeNetwork(engine, created.id));
        this.#madeNetworks.set(name, { spec, engine });
        const gateway = ((await created.inspect()).IPAM?.Config ?? [])[0]?.Gateway;
        return { id: created.id, name, subnet, gateway };
      } catch (error) {
        // Networks that Tare can't list (another daemon's pool, a swarm's) may hold a subnet that looked free.
        const overlaps = /overlap|already (exists|in use)/i.test((error as Error).message);
        if (!overlaps || spec.subnet || attempt >= 16) throw networkFailure(error, spec, engine);
      }
    }
  }

  async startContainer(on: EngineRef, spec: ContainerSpec): Promise<StartedContainer> {
    const { engine } = this.#side(on);
    const name = `${this.#name}-${spec.role}${spec.number === undefined ? '' : `-${spec.number}`}`;
    const bound = spec.publish ? this.#published : [];
    const publishedOn = spec.publish === 'loopback' ? '127.0.0.1' : await this.underlayAddress(on);
    const joinsOther = spec.network.startsWith('container:');
    const created = await engine.docker.createContainer({
      name,
      Image: this.#site.image.name,
      Cmd: ['sleep', 'infinity'],
      ...(joinsOther || spec.network === 'host' ? {} : { Hostname: spec.role }),
      Labels: labels(this.#site.runId, { 'tare.scenario': this.scenario.id, 'tare.role': spec.role }),
      ExposedPorts: Object.fromEntries(bound.map((port) => [port, {}])),
      HostConfig: {
        ...confined([...(spec.capabilities ?? []), ...capabilitiesFor(this.scenario)]),
        NetworkMode: spec.network,
        // Where the engine remaps users, only its own may share the host's namespaces.
        ...(spec.network === 'host' ? { UsernsMode: 'host' } : {}),
        Sysctls: { ...spec.sysctls },
        PortBindings: Object.fromEntries(
          bound.map((port) => [port, [{ HostIp: publishedOn, HostPort: port.split('/')[0] as string }]]),
        ),
      },
      ...(spec.networkAliases
        ? { NetworkingConfig: { EndpointsConfig: { [spec.network]: { Aliases: [...spec.networkAliases] } } } }
        : {}),
    });
    this.#undo.push(() => removeContainer(engine, created.id));
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

  async connect({ id }: Container, network: Network): Promise<void> {
    const { engine } = this.#startedAs(id).container;
    await engine.docker.getNetwork(network.id).connect({ Container: id });
  }

  async underlayAddress(engine: EngineRef, family: 'IPv4' | 'IPv6' = 'IPv4'): Promise<string> {
    const { underlayAddress, underlayAddress6 } = this.#side(engine);
    const address = family === 'IPv4' ? underlayAddress : underlayAddress6;
    if (address) return address;
    throw new Error(`the host of ${engine.name} has no ${family} address; preflight should have said so`);
  }

  async underlayInterface(engine: EngineRef): Promise<string> {
    return wayOut(this.#side(engine), this.scenario).interface;
  }

  async parentInterface(engine: EngineRef): Promise<string> {
    const chosen = this.scenario.options.parent;
    if (chosen) return chosen;
    if (this.scenario.topology === 'cross-host') return this.underlayInterface(engine);
    const { probe } = this.#side(engine);
    const id = randomBytes(3).toString('hex');
    const [parent, peer] = [`${interfacePrefix}${id}p`, `${interfacePrefix}${id}q`];
    this.#undo.push(async () => {
      await probe.tryShell('ip link del "$1"', 20, [parent]);
    });
    const mtu = this.scenario.options.mtu ? ['mtu', String(Number(this.scenario.options.mtu))] : [];
    await probe.shell(
      'p=$1 q=$2 alias=$3; shift 3; ip link add "$p" "$@" type veth peer name "$q" "$@" && ip link set "$p" up alias "$alias" && ip link set "$q" up',
      20,
      [parent, peer, interfaceAlias(this.#site.runId), ...mtu],
    );
    return parent;
  }

  async addRoute(engine: EngineRef, subnet: string, via: string): Promise<void> {
    if (engine.ownership === 'user') {
      throw new Failure(
        'infrastructure',
        `${this.scenario.id} needs a route to ${subnet} via ${via} on the host of ${engine.name}`,
        'Tare adds routes only on its own engines: measure this scenario in the lab (`--lab`).',
      );
    }
    const { probe } = this.#side(engine);
    this.#undo.push(async () => {
      await probe.tryShell('ip route del "$1" via "$2"', 20, [subnet, via]);
    });
    await probe.shell('ip route add "$1" via "$2"', 20, [subnet, via]);
  }

  /** Remembers a step that takes back something done to the pair; later ones are taken back first. */
  onRemoval(step: () => Promise<void>): void {
    this.#undo.push(step);
  }

  /** Another container like one of the pair's, under another name. */
  startTwin(of: Container, role: 'server' | 'client', number: number): Promise<StartedContainer> {
    const { networkAliases: _, ...rest } = this.#startedAs(of.id).spec;
    return this.startContainer(of.engine, { ...rest, role, number });
  }

  /** What a driver wired, with the engines behind its ends. */
  started(wiring: PairWiring): StartedWiring {
    const end = (wired: End): StartedEnd =>
      wired.type === 'bare' ? wired : { ...wired, container: this.#startedAs(wired.container.id).container };
    return { ...wiring, server: end(wiring.server), client: end(wiring.client) };
  }

  /** The control plane behind a wired pair; nothing where its client is no container. */
  controlPlane({ client }: StartedWiring): { readonly controlPlane?: ControlPlane } {
    if (client.type !== 'container') return {};
    const clientNetwork = this.#startedAs(client.container.id).spec.network;
    const parts = { site: this.#site, pool: this.#pool, client: client.container, clientNetwork };
    return { controlPlane: controlPlaneOf({ ...parts, network: this.#madeNetworks.get(clientNetwork) }) };
  }

  /** Undoes every step, last first; goes on past what fails and then reports the first failure. */
  async removeAll(): Promise<void> {
    let failure: unknown;
    for (const undo of this.#undo.splice(0).reverse()) {
      await undo().catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure) throw failure;
  }

  #startedAs(id: string) {
    const started = this.#started.get(id);
    if (!started) throw new Error(`${id} is not a container of this pair`);
    return started;
  }

  #side(engine: EngineRef): SiteEngine {
    const side = [...this.#sides, ...allEngines(this.#site)].find((each) => each.engine.id === engine.id);
    if (!side) throw new Error(`${engine.name} is not an engine of this run`);
    return side;
  }
}

function ipamConfig(subnet: string, spec: NetworkSpec) {
  const four = { Subnet: subnet, ...(spec.ipRange ? { IPRange: spec.ipRange } : {}) };
  if (!spec.ipv6) return [four];
  // RFC 5180 sets 2001:2::/48 aside for benchmarks; the middle bytes of the IPv4 subnet keep networks apart.
  const [, second, third] = subnet.split('.').map(Number) as [number, number, number];
  const prefix = `2001:2:0:${(second * 256 + third).toString(16)}`;
  // Two engines that share a subnet address a part of it each, in IPv6 as in IPv4; a half of a /64 overflows Docker's
  // bookkeeping ("invalid bit range").
  const part = spec.ipRange && `${prefix}::${spec.ipRange.endsWith('.128/25') ? 2 : 1}:0/112`;
  return [four, { Subnet: `${prefix}::/64`, ...(part ? { IPRange: part } : {}) }];
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

function networkFailure(error: unknown, spec: NetworkSpec, engine: Engine): Failure {
  const text = wordsOfEngine(error);
  const remedy = /overlap|pool|address space/i.test(text)
    ? 'Free some address space: `tare clean` removes what earlier runs left.'
    : 'The engine’s log says more (`journalctl -u docker`).';
  return new Failure('infrastructure', `${engine.name} made no ${spec.driver} network: ${text}`, remedy, {
    cause: error,
  });
}
