import { isIP } from 'node:net';
import { z } from 'zod';
import { overlap, parseCidr } from '../engine/cidr.ts';
import type { UnderlayRemark } from './remark.ts';

/** What `ip -j addr` says of a host's interfaces. */
export const interfacesSchema = z.array(
  z.object({
    ifname: z.string().max(64),
    mtu: z.number().int().positive().optional(),
    addr_info: z.array(
      z.object({
        family: z.string().optional(),
        local: z.string().optional(),
        prefixlen: z.number().int().min(0).max(128).optional(),
        scope: z.string().optional(),
      }),
    ),
  }),
);
export type Interface = z.infer<typeof interfacesSchema>[number];

/** An interface of a host, and the address by which it is used. */
export interface Attachment {
  readonly address: string;
  readonly interface: string;
  /** Bytes; absent where the kernel did not say. */
  readonly mtuBytes: number | undefined;
}

/** Where a swarm's overlays leave a host: found, or why it could not be. */
export type DataPath =
  | ({
      readonly type: 'found' /** Taken for the advertised address, as it could not be read. */;
      readonly isAssumed: boolean;
    } & Attachment)
  | { readonly type: 'unknown'; readonly reason: string };

/** Where a host stands towards others. */
export interface Underlay extends Attachment {
  readonly address6: string | undefined;
  /** Absent where the engine is in no swarm. */
  readonly dataPath: DataPath | undefined;
  /** What a reader must know of how this was chosen. */
  readonly remark: UnderlayRemark | undefined;
}

/** What is known of a host before choosing. */
export interface UnderlayFacts {
  readonly interfaces: readonly Interface[];
  /** The address from which it would send to far-away hosts, where it has a route there. */
  readonly routedAddress: string | undefined;
  /** Absent where the engine is in no swarm. */
  readonly swarm: SwarmAddresses | undefined;
  /** What was asked for: an interface, an address of this host, or one of a host in the same network. */
  readonly wanted?: string | undefined;
}

export interface SwarmAddresses {
  /** By which the swarm's nodes know it (`--advertise-addr`); may be a router's outside. */
  readonly advertised: string;
  /** Where its overlays' packets go (`--data-path-addr`); undefined where that could not be read. */
  readonly dataPath: string | undefined;
}

/** Interfaces that an engine makes for its own networks. */
const madeByEngine = /^(docker|br-[0-9a-f]|veth)/;

/**
 * Chooses where a host's traffic to other hosts is sent and counted: on the swarm's data path, so that overlays and the
 * networks that they are compared with share an interface; else at the swarm's address, else where a route leads, else
 * the first address that no engine made. Pure.
 * What was asked for goes before all of these.
 * @returns undefined where the host has no address but loopback, or not what was asked for
 */
export function chooseUnderlay({
  interfaces,
  routedAddress,
  swarm,
  wanted,
}: UnderlayFacts): Underlay | undefined {
  const at = (address: string | undefined): Attachment | undefined => {
    const carrier = interfaces.find((each) => each.addr_info.some(({ local }) => local === address));
    return address && carrier ? { address, interface: carrier.ifname, mtuBytes: carrier.mtu } : undefined;
  };
  const advertised = at(swarm?.advertised);
  const plain = advertised ?? at(routedAddress) ?? at(addressWithoutRoute(interfaces));
  const overlays = swarm && dataPathOf(swarm, at);
  const own = wanted === undefined ? undefined : at(wantedAddress(interfaces, wanted));
  const found = overlays?.type === 'found' ? (ipv4On(overlays, interfaces) ?? plain ?? overlays) : plain;
  const chosen = wanted === undefined ? found : own;
  if (!chosen) return undefined;
  const carrier = interfaces.find(({ ifname }) => ifname === chosen.interface);
  return {
    address: chosen.address,
    interface: chosen.interface,
    mtuBytes: chosen.mtuBytes,
    address6: carrier?.addr_info.find(({ family, scope }) => family === 'inet6' && scope === 'global')?.local,
    dataPath: overlays,
    remark: remarkOn(chosen, { overlays, advertised, routedAddress: wanted ?? routedAddress, swarm }),
  };
}

/** The IPv4 address that a host has by that name: its own, its interface's, or the one in that address's network. */
function wantedAddress(interfaces: readonly Interface[], wanted: string): string | undefined {
  const named = interfaces.filter(({ ifname }) => ifname === wanted);
  const range = parseCidr(wanted);
  const addresses = (named.length > 0 ? named : interfaces)
    .flatMap(({ addr_info }) => addr_info)
    .filter(({ family, scope }) => family === 'inet' && scope === 'global');
  if (named.length > 0) return addresses[0]?.local;
  if (!range) return undefined;
  const inNetwork = addresses.find(({ local, prefixlen }) => {
    const network = parseCidr(`${local}/${prefixlen ?? 32}`);
    return network !== undefined && overlap(network, range);
  });
  return (addresses.find(({ local }) => local === wanted) ?? inNetwork)?.local;
}

function dataPathOf(
  { advertised, dataPath }: SwarmAddresses,
  at: (address: string | undefined) => Attachment | undefined,
): DataPath {
  // A swarm that was told no data path uses the address that it advertises.
  const found = at(dataPath ?? advertised);
  if (found) return { type: 'found', isAssumed: dataPath === undefined, ...found };
  return {
    type: 'unknown',
    reason: dataPath
      ? `the swarm’s data path is ${dataPath}, which is no address of its host`
      : `the swarm’s address ${advertised} is none of its host’s, so where overlays leave it is not known`,
  };
}

/** The data path itself, or the IPv4 address beside it: most networks are measured over IPv4. */
function ipv4On(path: Attachment, interfaces: readonly Interface[]): Attachment | undefined {
  if (isIP(path.address) === 4) return path;
  const beside = interfaces
    .find(({ ifname }) => ifname === path.interface)
    ?.addr_info.find(({ family, scope }) => family === 'inet' && scope === 'global')?.local;
  return beside ? { ...path, address: beside } : undefined;
}

/** The address of a host without a default route: the first global one of an interface that is no engine's own. */
function addressWithoutRoute(interfaces: readonly Interface[]): string | undefined {
  return interfaces
    .filter(({ ifname }) => !madeByEngine.test(ifname))
    .flatMap(({ addr_info }) => addr_info)
    .find(({ family, scope }) => family === 'inet' && scope === 'global')?.local;
}

function remarkOn(
  chosen: Attachment,
  facts: {
    readonly overlays: DataPath | undefined;
    readonly advertised: Attachment | undefined;
    readonly routedAddress: string | undefined;
    readonly swarm: SwarmAddresses | undefined;
  },
): UnderlayRemark | undefined {
  const { overlays, advertised, swarm } = facts;
  const here = { address: chosen.address, interface: chosen.interface };
  if (overlays?.type === 'found' && overlays.interface !== chosen.interface) {
    return { code: 'overlays-elsewhere', overlayInterface: overlays.interface, ...here };
  }
  if (swarm && overlays?.type === 'found' && advertised?.interface !== chosen.interface) {
    return { code: 'over-data-path', ...here, advertised: swarm.advertised };
  }
  if (!swarm && facts.routedAddress === undefined) {
    return { code: 'no-default-route', ...here };
  }
  return undefined;
}
