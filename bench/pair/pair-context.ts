import { randomBytes } from 'node:crypto';
import type {
  Container,
  ContainerSpec,
  End,
  EngineRef,
  ExistingNetwork,
  Network,
  NetworkSpec,
  PairWiring,
  ProvisionContext,
} from '../../drivers/driver.ts';
import { Failure } from '../../results/failure.ts';
import type { Scenario } from '../../results/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import { interfaceAlias, interfacePrefix, labels } from '../engine/labels.ts';
import { listProxies, proxyPids } from '../site/docker-proxy.ts';
import { networkThere } from '../site/existing-network.ts';
import { allEngines, type Site, type SiteEngine, wayOut } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import type { ControlPlane } from '../workloads/workload.ts';
import { CleanUp } from './clean-up.ts';
import { Containers } from './containers.ts';
import { controlPlaneOf } from './control-plane.ts';
import { capabilitiesFor } from './impair.ts';
import { Networks } from './networks.ts';
import type { StartedContainer, StartedEnd, StartedWiring } from './started.ts';

/** What drivers wire one pair by: its networks, its containers, what its hosts need, and one clean-up for all of it. */
export class PairContext implements ProvisionContext {
  readonly scenario: Scenario;
  readonly serverEngine: Engine;
  readonly clientEngine: Engine;
  readonly swarmManager: Engine | undefined;
  readonly cleanUp = new CleanUp();
  readonly #networks: Networks;
  readonly #containers: Containers;
  readonly #site: Site;
  readonly #pool: SubnetPool;
  readonly #sides: readonly SiteEngine[];
  readonly #published: readonly string[];

  /**
   * @param published ports of the pair's servers, as the engine names them: `21000/tcp`
   * @param suffix tells what is made for this pair from what is made for others of the run
   */
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
    const parts = { cleanUp: this.cleanUp, prefix: `tare-${site.runId}-${suffix}` };
    const own = { 'tare.scenario': scenario.id };
    this.#networks = new Networks({ ...parts, pool, labels: labels(site.runId, own) });
    this.#containers = new Containers({
      ...parts,
      image: site.image.name,
      labels: (role) => labels(site.runId, { ...own, 'tare.role': role }),
      capabilities: capabilitiesFor(scenario),
    });
  }

  async allocateSubnet(): Promise<string> {
    return this.#networks.allocateSubnet();
  }

  async createNetwork(on: EngineRef, spec: NetworkSpec): Promise<Network> {
    const { engine } = this.#side(on);
    const { id, name, subnet } = await this.#networks.make(engine, spec);
    const shown = await engine.docker.getNetwork(id).inspect();
    return { id, name, subnet, gateway: (shown.IPAM?.Config ?? [])[0]?.Gateway };
  }

  async startContainer(on: EngineRef, spec: ContainerSpec): Promise<StartedContainer> {
    const { engine } = this.#side(on);
    if (!spec.publish) return this.#containers.start(engine, spec);
    const address = spec.publish === 'loopback' ? '127.0.0.1' : await this.underlayAddress(on);
    return this.#containers.start(engine, spec, { ports: this.#published, address });
  }

  async existingNetwork(on: EngineRef): Promise<ExistingNetwork> {
    const { engine } = this.#side(on);
    const name = this.scenario.options.network ?? '';
    const there = networkThere(await engine.docker.getNetwork(name).inspect());
    if (there) return there;
    throw new Failure(
      'infrastructure',
      `${engine.name} does not tell what the network "${name}" is`,
      'Name one that `docker network ls` lists there.',
    );
  }

  async connect({ id }: Container, network: Network): Promise<void> {
    const { engine } = this.#containers.startedAs(id).container;
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
    this.cleanUp.add(async () => {
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

  async publishedBy({ engine }: Container): Promise<'proxy' | 'rule'> {
    const ports = this.#published.map((port) => Number(port.split('/')[0]));
    const proxies = await this.#side(engine).probe.read(listProxies);
    return proxyPids(proxies, ports).length > 0 ? 'proxy' : 'rule';
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
    this.cleanUp.add(async () => {
      await probe.tryShell('ip route del "$1" via "$2"', 20, [subnet, via]);
    });
    await probe.shell('ip route add "$1" via "$2"', 20, [subnet, via]);
  }

  /** Another container like one of the pair's, under another name. */
  startTwin(of: Container, role: 'server' | 'client', number: number): Promise<StartedContainer> {
    const { networkAliases: _, ...rest } = this.#containers.startedAs(of.id).spec;
    return this.startContainer(of.engine, { ...rest, role, number });
  }

  /** What a driver wired, with the engines behind its ends. */
  started(wiring: PairWiring): StartedWiring {
    const end = (wired: End): StartedEnd =>
      wired.type === 'bare'
        ? wired
        : { ...wired, container: this.#containers.startedAs(wired.container.id).container };
    return { ...wiring, server: end(wiring.server), client: end(wiring.client) };
  }

  /** The control plane behind a wired pair; nothing where its client is no container. */
  controlPlane({ client }: StartedWiring): { readonly controlPlane?: ControlPlane } {
    if (client.type !== 'container') return {};
    const clientNetwork = this.#containers.startedAs(client.container.id).spec.network;
    const parts = { site: this.#site, pool: this.#pool, client: client.container, clientNetwork };
    return { controlPlane: controlPlaneOf({ ...parts, network: this.#networks.named(clientNetwork) }) };
  }

  #side(engine: EngineRef): SiteEngine {
    const side = [...this.#sides, ...allEngines(this.#site)].find((each) => each.engine.id === engine.id);
    if (!side) throw new Error(`${engine.name} is not an engine of this run`);
    return side;
  }
}
