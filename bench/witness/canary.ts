import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Canary } from '../../results/schema.ts';
import { listenerArgv } from '../engine/listener.ts';
import type { Pair } from '../pair/pair.ts';
import type { SiteEngine } from '../site/site.ts';
import type { CaptureFinding } from './judge-capture.ts';
import type { EndLayout } from './layout.ts';
import { dataPathStates, hostAddresses, isOwnEsp, isOwnVxlan, type Tunnel } from './own-packets.ts';
import { type Capture, type CapturedPacket, captureFile, parseCapture } from './pcap.ts';
import { listEspStates, parseEspStates } from './reading.ts';
import { tapWire } from './wire-tap.ts';

/** What the canary showed at both ends, and the captures to keep. */
export interface CanaryFlight {
  readonly findings: Readonly<Record<'server' | 'client', CaptureFinding>>;
  readonly record: Canary;
  /** File name → pcap with the packets that matter. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** IANA's port for VXLAN and the swarm's default. */
const defaultVxlanPort = 4789;
/** Seconds for one packet on its way to the capture after the answer is back. */
const settleSeconds = 0.15;

/**
 * Sends 64 random bytes from client to server and back over TCP while every interface of both hosts is watched, and
 * looks for them. Changes nothing on the hosts.
 */
export async function flyCanary(
  pair: Pair,
  layouts: { readonly server: EndLayout; readonly client: EndLayout },
): Promise<CanaryFlight> {
  // 48 random bytes are 64 characters, which pass through a shell's pipe and make a name as they are.
  const canary = randomBytes(48).toString('base64url');
  const network = await overlayOf(pair);
  const port = pair.ports.spare;
  const filter = `port ${port} or udp port ${network.vxlanPort} or esp`;
  const sides = [...new Set([pair.serverSide, pair.clientSide])];
  const [taps] = await Promise.all([
    Promise.all(sides.map(async (side) => ({ side, tap: await tapWire(side.probe, filter) }))),
    listen(pair, canary),
  ]);
  const returned = await sendThereAndBack(pair, canary);
  await sleep(settleSeconds * 1000);
  const tunnel = await tunnelOf(pair, network.vni);
  const captures = new Map<SiteEngine, Capture>();
  for (const { side, tap } of taps) captures.set(side, parseCapture(await tap.stop(), network.vxlanPort));
  const findings = {
    server: findingOf(layouts.server, captures, canary, tunnel, returned),
    client: findingOf(layouts.client, captures, canary, tunnel, returned),
  };
  const files = new Map<string, Buffer>();
  const slug = pair.scenario.id.replaceAll('/', '-');
  const generation = pair.generation > 0 ? `-g${pair.generation}` : '';
  const recorded = sides.map((side): Canary['captures'][number] => {
    const role = side === pair.serverSide ? 'server' : 'client';
    const file = `${slug}-${role}${generation}.pcap`;
    const capture = captures.get(side) as Capture;
    // What others send over the same wire is theirs, and stays out of the record.
    const kept = capture.packets.filter(
      (packet) => packet.bytes.includes(canary) || isOwnEsp(packet, tunnel) || isOwnVxlan(packet, tunnel),
    );
    files.set(file, captureFile(capture, kept));
    const { clearOn, vxlanPackets, espPackets } = findings[role];
    return { side: role, file, clearOn: [...clearOn], vxlanPackets, espPackets };
  });
  return {
    findings,
    files,
    record: {
      text: canary,
      returned,
      ...(network.vni === undefined ? {} : { vni: network.vni }),
      captures: recorded,
    },
  };
}

/** A server where the pair's own listen, and nowhere else, that has the canary and nothing else to show. */
async function listen(pair: Pair, canary: string): Promise<void> {
  const folder = `${await pair.server.folder()}/canary`;
  const { exitCode, stderr } = await pair.server.run(['mkdir', '-p', `${folder}/${canary}`], {
    deadlineSeconds: 20,
  });
  if (exitCode !== 0) throw new Error(`no folder could be made for the canary: ${stderr.trim()}`);
  const place = { address: pair.listenAddress, port: pair.ports.spare, folder };
  await pair.server.start(listenerArgv(pair.server, place, 30));
}

async function sendThereAndBack(pair: Pair, canary: string): Promise<boolean> {
  const port = String(pair.ports.spare);
  // The listener may not be there yet; what a refused attempt sends is no canary, only a SYN.
  const script = `canary=$1 host=$2 port=$3; shift 3
for i in 1 2 3 4 5 6 7 8 9 10; do
  case $(printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' "$canary" | "$@" -w 5 "$host" "$port") in *"$canary"*) exit 0;; esac
  sleep 0.2
done
exit 1`;
  const words = ['sh', canary, pair.serverAddress, port, ...pair.client.inShell(['nc'])];
  const result = await pair.client.run(['sh', '-c', script, ...words], { deadlineSeconds: 60 });
  return result.exitCode === 0;
}

/** VXLAN network identifier of the pair's overlay, and the UDP port of its swarm. */
async function overlayOf(pair: Pair): Promise<{ vni: number | undefined; vxlanPort: number }> {
  const { end, side } = { end: pair.wiring.server, side: pair.serverSide };
  const [network] = pair.wiring.networks;
  if (!network || end.type !== 'container') return { vni: undefined, vxlanPort: defaultVxlanPort };
  const inspected = await end.container.engine.docker.getNetwork(network.id).inspect();
  const identifiers = inspected.Options?.['com.docker.network.driver.overlay.vxlanid_list'];
  const vni = identifiers === undefined ? undefined : Number(String(identifiers).split(',')[0]);
  const managers = [side, pair.clientSide].filter((each) => each.swarm?.manager);
  const manager = vni === undefined ? undefined : managers[0];
  const swarm = manager ? (await manager.engine.docker.info()).Swarm?.Cluster : undefined;
  return { vni, vxlanPort: Number(swarm?.DataPathPort) || defaultVxlanPort };
}

/** What tells the pair's packets from others' on the wire: its network, its hosts, and their IPsec states by now. */
async function tunnelOf(pair: Pair, vni: number | undefined): Promise<Tunnel> {
  if (vni === undefined) return { vni, hosts: [new Set(), new Set()], espStates: [] };
  const read = async ({ probe }: SiteEngine) => ({
    addresses: hostAddresses(await probe.read('ip -j addr')),
    states: parseEspStates(await probe.read(listEspStates)),
  });
  const [server, client] = await Promise.all([read(pair.serverSide), read(pair.clientSide)]);
  const hosts = [server.addresses, client.addresses] as const;
  return { vni, hosts, espStates: dataPathStates(server.states, client.states, hosts) };
}

/**
 * The interface by which an overlay leaves the host: the one that was thought, unless its packets were all seen elsewhere;
 * the swarm can't always be asked where it sends them.
 */
function carrierOf(layout: EndLayout, seenOn: ReadonlySet<string>): string {
  if (seenOn.size === 0 || seenOn.has(layout.underlay)) return layout.underlay;
  return layout.freeInterfaces.find((name) => seenOn.has(name)) ?? layout.underlay;
}

function findingOf(
  layout: EndLayout,
  captures: ReadonlyMap<SiteEngine, Capture>,
  canary: string,
  tunnel: Tunnel,
  returned: boolean,
): CaptureFinding {
  const packets = captures.get(layout.side)?.packets ?? [];
  const nameOf = (packet: CapturedPacket) =>
    layout.hostInterfaces.get(packet.interfaceIndex) ?? `interface ${packet.interfaceIndex}`;
  const clear = packets.filter((packet) => packet.bytes.includes(canary));
  const ours = packets.filter((packet) => isVxlanOf(packet, tunnel, canary));
  const underlayName =
    tunnel.vni === undefined ? layout.underlay : carrierOf(layout, new Set(ours.map(nameOf)));
  const underlay = packets.filter((packet) => nameOf(packet) === underlayName);
  const senders: Record<string, string[]> = {};
  for (const packet of clear) {
    const name = nameOf(packet);
    senders[name] = [...new Set([...(senders[name] ?? []), packet.senderMac])];
  }
  return {
    clearOn: [...new Set(clear.map(nameOf))],
    vxlanPackets: underlay.filter((packet) => isVxlanOf(packet, tunnel, canary)).length,
    espPackets: underlay.filter((packet) => isOwnEsp(packet, tunnel)).length,
    senders,
    names: {
      underlay: underlayName,
      'host-loopback': 'lo',
      ...(layout.port === undefined ? {} : { port: layout.port }),
      ...(layout.parent === undefined ? {} : { parent: layout.parent }),
    },
    ownMac: layout.own?.mac,
    parentMac: layout.parentMac,
    returned,
  };
}

/** VXLAN of the pair's network, or any with the canary inside. */
const isVxlanOf = (packet: CapturedPacket, tunnel: Tunnel, canary: string): boolean =>
  packet.vni !== undefined && (isOwnVxlan(packet, tunnel) || packet.bytes.includes(canary));
