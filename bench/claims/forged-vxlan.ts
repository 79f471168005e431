import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from '../pair/pair.ts';
import { wayOut } from '../site/site.ts';
import { parseCapture } from '../witness/pcap.ts';
import { tapWire } from '../witness/wire-tap.ts';
import { executorIn, type Stage } from './stage.ts';

/** IANA's port for VXLAN and the swarm's default. */
const vxlanPort = 4789;
/** Port that the forged connection asks for; nobody listens there. */
const forgedPort = 20_991;

export interface Forgery {
  /** Clear VXLAN packets of the overlay's VNI that reached the server's host. */
  readonly arrived: number;
  /** Whether the server's container got what was inside. */
  readonly delivered: boolean;
}

/**
 * Plays a stranger who injects a frame into an overlay: a container that is not on it, but on an ordinary bridge of the
 * client's host, makes a VXLAN interface in its own namespace with the overlay's VNI and sends connection attempts to
 * the server's MAC address, in clear, to the server's host. The packets leave with the address of the client's host.
 * Needs NET_ADMIN in that container only; changes nothing on any host.
 */
export async function forgeVxlan(stage: Stage, pair: Pair): Promise<Forgery> {
  const { vni, mac, address } = await targetOf(stage, pair);
  const stranger = address.replace(/\.\d+$/, '.253');
  const tap = await tapWire(pair.serverSide.probe, `udp port ${vxlanPort}`);
  const listening = hears(stage, pair, stranger);
  const sent = stage.with('cross-host', async (context) => {
    const network = await context.createNetwork(context.clientEngine, { driver: 'bridge' });
    const container = await context.startContainer(context.clientEngine, {
      role: 'client',
      network: network.name,
      capabilities: ['NET_ADMIN'],
    });
    const script = [
      'ip link add forged type vxlan id "$1" remote "$2" dstport "$3" dev eth0',
      'ip addr add "$4/24" dev forged',
      'ip link set forged up',
      'ip neigh replace "$5" lladdr "$6" dev forged',
      'for i in 1 2 3 4; do nc -w 1 "$5" "$7" </dev/null; done; true',
    ].join(' && ');
    const words = [
      vni,
      wayOut(pair.serverSide, pair.scenario).address,
      vxlanPort,
      stranger,
      address,
      mac,
      forgedPort,
    ];
    const argv = ['sh', '-c', script, 'sh', ...words.map(String)];
    const outcome = await executorIn(container).run(argv, { deadlineSeconds: 40 });
    if (outcome.exitCode !== 0) throw new Error(`the stranger could not send: ${outcome.stderr.trim()}`);
  });
  const [heard] = await Promise.all([listening, sent]);
  await sleep(200);
  const { packets } = parseCapture(await tap.stop(), vxlanPort);
  // The forged frame's inner source address tells it from the pair's own traffic.
  const inner = Buffer.from(stranger.split('.').map(Number));
  const arrived = packets.filter((packet) => packet.vni === vni && packet.bytes.includes(inner)).length;
  return { arrived, delivered: heard };
}

/** Whether the server gets a packet of that sender within eight seconds, as seen from a container in its namespace. */
function hears(stage: Stage, pair: Pair, sender: string): Promise<boolean> {
  const { server } = pair.wiring;
  if (server.type !== 'container') throw new Error('the server is no container');
  return stage.with('cross-host', async (context) => {
    const listener = await context.startContainer(context.serverEngine, {
      role: 'server',
      network: `container:${server.container.id}`,
      capabilities: ['NET_RAW'],
    });
    const heard = await executorIn(listener).run(
      [
        ...['sh', '-c', 'timeout -s INT 8 tcpdump -Z root -i any -n -c 1 "$2" 2>/dev/null | grep -cF "$1"'],
        ...['sh', sender, `src host ${sender} and tcp port ${forgedPort}`],
      ],
      { deadlineSeconds: 30 },
    );
    return Number(heard.stdout.trim()) > 0;
  });
}

async function targetOf(stage: Stage, pair: Pair): Promise<{ vni: number; mac: string; address: string }> {
  const { layouts, record } = await stage.canary(pair);
  const mac = layouts.server.own?.mac;
  if (mac === undefined || record.vni === undefined)
    throw new Error('the overlay has no VNI or its server no MAC');
  return { vni: record.vni, mac, address: pair.serverAddress };
}
