import { z } from 'zod';
import type { CounterName } from '../../drivers/expectation.ts';
import type { Pair } from '../pair/pair.ts';
import type { StartedContainer, StartedEnd } from '../pair/started.ts';
import { findNatProgram, type NatProgram, natProgramOf } from '../site/docker-nat.ts';
import { listProxies, proxyPids } from '../site/docker-proxy.ts';
import { type SiteEngine, wayOut } from '../site/site.ts';

/** A container's interface in the pair's network. */
export interface OwnInterface {
  readonly name: string;
  /** `veth`, `macvlan`, `ipvlan`, … as the kernel names it. */
  readonly kind: string;
  readonly mac: string;
}

/** Where the counters of one end of a pair are to be found; read once per pair. */
export interface EndLayout {
  /** The engine on which this end has to be. */
  readonly side: SiteEngine;
  /** Where it is; they differ where the pair was placed wrongly. `own` and `port` are there, all else is at `side`. */
  readonly home: SiteEngine | 'this machine' | undefined;
  /** First process of the container; undefined for `bare` and host networking, which have no namespace of their own. */
  readonly containerPid: number | undefined;
  readonly own: OwnInterface | undefined;
  /** The host's half of the container's veth pair, where it lies in the host's namespace, and its bridge. */
  readonly port: string | undefined;
  readonly bridge: string | undefined;
  /** The host's interface and address towards the other engine, for this pair. */
  readonly underlay: string;
  readonly underlayAddress: string;
  /** Interfaces that no bridge and no bond holds, loopback left out. */
  readonly freeInterfaces: readonly string[];
  /** All ports of bridges on the host when the pair was looked at, but for those of a bridge that is the underlay. */
  readonly bridgePorts: readonly string[];
  readonly parent: string | undefined;
  readonly parentMac: string | undefined;
  readonly proxyPids: readonly number[];
  /** The program that sees the engine's NAT rules. */
  readonly natProgram: NatProgram | undefined;
  /** Interface number in the host's namespace → name, as captures number them. */
  readonly hostInterfaces: ReadonlyMap<number, string>;
}

const linksSchema = z.array(
  z.object({
    ifindex: z.number(),
    ifname: z.string(),
    link_index: z.number().optional(),
    master: z.string().optional(),
    address: z.string().optional(),
    linkinfo: z
      .object({ info_kind: z.string().optional(), info_slave_kind: z.string().optional() })
      .optional(),
    addr_info: z.array(z.object({ local: z.string().optional() })).optional(),
  }),
);
type Link = z.infer<typeof linksSchema>[number];

/**
 * Finds where the counters of both ends are. Only reads.
 * @param counted what will be counted; address translation and proxies are looked for only if they are among it
 */
export async function layoutOf(
  pair: Pair,
  counted: readonly CounterName[] = [],
): Promise<{ server: EndLayout; client: EndLayout }> {
  const { wiring } = pair;
  const [server, client] = await Promise.all([
    endLayout(pair, wiring.server, pair.serverSide, counted),
    endLayout(pair, wiring.client, pair.clientSide, []),
  ]);
  return { server, client };
}

async function endLayout(
  pair: Pair,
  end: StartedEnd,
  side: SiteEngine,
  counted: readonly CounterName[],
): Promise<EndLayout> {
  const { probe } = side;
  const host = linksSchema.parse(JSON.parse(await probe.read('ip -j -d link')));
  // Both take a while on a host with many published ports, so they are looked for only where they are counted.
  const natProgram = counted.includes('dnat') ? natProgramOf(await probe.read(findNatProgram)) : undefined;
  const proxies = counted.includes('proxy') ? await probe.read(listProxies) : '';
  const { interface: underlay, address: underlayAddress } = wayOut(side, pair.scenario);
  const shared = {
    side,
    underlay,
    underlayAddress,
    freeInterfaces: host
      .filter((link) => link.master === undefined && link.ifname !== 'lo')
      .map((link) => link.ifname),
    bridgePorts: host
      .filter((link) => link.linkinfo?.info_slave_kind === 'bridge' && link.master !== underlay)
      .map((link) => link.ifname),
    natProgram,
    hostInterfaces: new Map(host.map((link) => [link.ifindex, link.ifname])),
    proxyPids: proxyPids(proxies, Object.values(pair.ports)),
  };
  const nothing = { own: undefined, port: undefined, bridge: undefined, containerPid: undefined };
  if (end.type === 'bare') {
    return { ...shared, ...nothing, home: 'this machine', parent: undefined, parentMac: undefined };
  }
  const { container } = end;
  const endpoint = await endpointOf(pair, container);
  const home = [pair.serverSide, pair.clientSide].find((each) => each.engine.id === container.engine.id);
  const parent = endpoint.parent;
  const parentMac = host.find((link) => link.ifname === parent)?.address;
  if (endpoint.usesHost) return { ...shared, ...nothing, home, parent, parentMac };
  const executor = end === pair.wiring.server ? pair.server : pair.client;
  const inside = await executor.run(['ip', '-j', '-d', 'addr'], { deadlineSeconds: 20 });
  const links = inside.exitCode === 0 ? linksSchema.parse(JSON.parse(inside.stdout)) : [];
  const own = links.find((link) =>
    link.addr_info?.some((info) => info.local !== undefined && endpoint.addresses.includes(info.local)),
  );
  // Interface numbers are unique only within a namespace; both halves must name each other.
  const isVeth = own?.linkinfo?.info_kind === 'veth';
  const homeLinks =
    home && home !== side ? linksSchema.parse(JSON.parse(await home.probe.read('ip -j -d link'))) : host;
  const port = homeLinks.find(
    (link) => isVeth && link.ifindex === own?.link_index && link.link_index === own?.ifindex,
  );
  return {
    ...shared,
    home,
    containerPid: endpoint.pid,
    own: own && ownInterface(own),
    port: port?.ifname,
    bridge: port?.master,
    parent,
    parentMac,
  };
}

function ownInterface(link: Link): OwnInterface {
  return { name: link.ifname, kind: link.linkinfo?.info_kind ?? 'none', mac: link.address ?? '' };
}

interface Endpoint {
  readonly pid: number;
  readonly usesHost: boolean;
  /** Addresses in the pair's network. */
  readonly addresses: readonly string[];
  readonly parent: string | undefined;
}

/** The container's place in the pair's network; one that joined another's namespace has that one's. */
async function endpointOf(pair: Pair, container: StartedContainer): Promise<Endpoint> {
  const { docker } = container.engine;
  const own = await docker.getContainer(container.id).inspect();
  const mode = own.HostConfig.NetworkMode ?? '';
  const holder = mode.startsWith('container:')
    ? await docker.getContainer(mode.slice('container:'.length)).inspect()
    : own;
  const endpoints = Object.entries(holder.NetworkSettings.Networks);
  const wired = endpoints.find(([, each]) =>
    pair.wiring.networks.some((network) => network.id === each.NetworkID),
  );
  const [name, endpoint] = wired ?? endpoints.find(([each]) => each === 'bridge') ?? [];
  const parent = wired && name ? await parentOf(container, name) : undefined;
  return {
    pid: own.State.Pid,
    usesHost: mode === 'host',
    addresses: [endpoint?.IPAddress, endpoint?.GlobalIPv6Address].filter((each) => each !== undefined),
    parent,
  };
}

async function parentOf(container: StartedContainer, network: string): Promise<string | undefined> {
  const { Options: options } = await container.engine.docker.getNetwork(network).inspect();
  return options?.parent;
}
