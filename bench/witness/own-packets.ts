import { z } from 'zod';
import { type CapturedPacket, canonicalAddress } from './pcap.ts';
import type { EspState } from './reading.ts';

export type Hosts = readonly [server: ReadonlySet<string>, client: ReadonlySet<string>];

/** What tells the packets of one pair's overlay from those of others on the same wire. */
export interface Tunnel {
  /** VXLAN network identifier; absent where the pair has no overlay. */
  readonly vni?: number | undefined;
  /** All addresses of the server's host and of the client's: a swarm can't always be asked which it uses. */
  readonly hosts: Hosts;
  /** IPsec states of both hosts that carry the swarm's data between them. */
  readonly espStates: readonly Pick<EspState, 'source' | 'destination' | 'spi'>[];
}

/** Whether it is VXLAN of the pair's network between its hosts. A stranger's network may have the same identifier. */
export function isOwnVxlan(packet: CapturedPacket, { vni, hosts }: Tunnel): boolean {
  return vni !== undefined && packet.vni === vni && joins(packet, hosts);
}

/** Whether it is ESP of a state that carries the pair's packets: same SPI, same source, same destination. */
export function isOwnEsp(packet: CapturedPacket, { espStates }: Tunnel): boolean {
  return espStates.some(
    ({ source, destination, spi }) =>
      packet.spi === Number(spi) &&
      packet.source === canonicalAddress(source) &&
      packet.destination === canonicalAddress(destination),
  );
}

/** By what libnetwork's overlay driver marks its states in every release (`0xD0C4E3`). */
const dockersRequest = 13_681_891;

/**
 * The states by which the swarm's data goes between two hosts. Of several kinds (a VPN joins the hosts, too) those that
 * Docker made count. A state counts only where both hosts have it: one that a single host has carries nothing.
 */
export function dataPathStates(
  server: readonly EspState[],
  client: readonly EspState[],
  hosts: Hosts,
): EspState[] {
  const key = ({ source, destination, spi }: EspState) =>
    `${canonicalAddress(source)} ${canonicalAddress(destination)} ${Number(spi)}`;
  const there = new Set(client.map(key));
  const shared = server.filter((state) => there.has(key(state)) && joins(state, hosts));
  const dockers = shared.filter(({ requestId }) => requestId === dockersRequest);
  return dockers.length > 0 ? dockers : shared;
}

function joins(
  { source, destination }: { readonly source: string; readonly destination: string },
  [server, client]: Hosts,
): boolean {
  const [from, to] = [canonicalAddress(source), canonicalAddress(destination)];
  return (server.has(from) && client.has(to)) || (client.has(from) && server.has(to));
}

const addressesSchema = z.array(
  z.object({ addr_info: z.array(z.object({ local: z.string().optional() })).optional() }),
);

/** The addresses of what `ip -j addr` printed, but for loopback's, which every host has. */
export function hostAddresses(printed: string): ReadonlySet<string> {
  const all = addressesSchema
    .parse(JSON.parse(printed))
    .flatMap(({ addr_info: infos }) => (infos ?? []).flatMap(({ local }) => local ?? []));
  return new Set(all.map(canonicalAddress).filter((each) => !/^(127\.|::1$|fe80:)/.test(each)));
}
