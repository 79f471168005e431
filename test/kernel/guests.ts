import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { connectEngine } from '../../bench/engine/connect.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { emulator, secondKernel } from './emulator.ts';
import { type GuestDisk, guestDisk } from './guest-disk.ts';

/** Two machines with a second kernel and one Docker Engine each, in one swarm, on a wire that is recorded. */
export interface Guests {
  readonly engines: readonly [Engine, Engine];
  /** Everything that crossed the wire between them, as pcap, the first bytes of each frame. */
  readonly wireFile: string;
  /** The last lines of both consoles, for messages. */
  consoles(): string;
  /** Ends both at once and removes what they left. */
  stop(): Promise<void>;
}

const numbers = [1, 2] as const;
type GuestNumber = (typeof numbers)[number];

const wireAddress = (node: GuestNumber) => `198.18.255.1${node}`;
// Loopback addresses of their own, so that the engines have different names.
const hostAddress = (node: GuestNumber) => `127.0.0.1${node}`;

/** Frames on the wire are kept up to this length: all headers of a VXLAN frame and of what it carries. */
const snapLengthBytes = 160;

/**
 * Boots both guests and waits for their engines.
 * @throws Error with the consoles' last lines where they don't come up within `timeoutSeconds`
 */
export async function bootGuests(timeoutSeconds: number): Promise<Guests> {
  const kernel = await secondKernel();
  const disk = await guestDisk(kernel);
  const folder = await mkdtemp(join(tmpdir(), 'tare-guests-'));
  const consoleFile = (node: GuestNumber) => join(folder, `console-${node}.log`);
  const wireFile = join(folder, 'wire.pcap');
  const stopping = new AbortController();
  const machines: Promise<unknown>[] = [];
  const stop = async () => {
    stopping.abort();
    await Promise.all(machines);
    await rm(folder, { recursive: true, force: true });
  };
  const consoles = () =>
    numbers
      .map(
        (node) =>
          `guest ${node}:\n${readFileSync(consoleFile(node), 'utf8').split('\n').slice(-25).join('\n')}`,
      )
      .join('\n');
  try {
    const ports = await freePorts();
    for (const node of numbers) {
      const machine = execa(
        // Swarm's deadlines are fixed, so on a busy machine the guests go first; and however this process ends, they
        // end with it.
        'nice',
        [
          ...['--adjustment', '-10', 'setpriv', '--pdeathsig', 'KILL'],
          emulator,
          ...machineOptions(node, kernel.image, disk, folder, ports[node], wireFile),
        ],
        {
          cancelSignal: stopping.signal,
          forceKillAfterDelay: 2000,
          reject: false,
          stdin: 'ignore',
          buffer: false,
          all: true,
        },
      );
      machine.all.pipe(createWriteStream(consoleFile(node)));
      machines.push(machine);
      // The first one owns the wire's socket; the second one connects to it.
      if (node === 1) await sleep(500);
    }
    const up = numbers.map((node) => engineOf(node, ports[node], timeoutSeconds));
    const ended = Promise.race(machines).then(() => Promise.reject(new Error('a guest ended')));
    const engines = (await Promise.race([Promise.all(up), ended])) as [Engine, Engine];
    await joinSwarm(engines);
    return { engines, wireFile, consoles, stop };
  } catch (error) {
    const said = consoles();
    await stop();
    throw new Error(`the second kernel does not come up: ${(error as Error).message}\n${said}`, {
      cause: error,
    });
  }
}

function machineOptions(
  node: GuestNumber,
  kernel: string,
  disk: GuestDisk,
  folder: string,
  port: number,
  wireFile: string,
): string[] {
  const socket = `addr.type=unix,addr.path=${join(folder, 'wire.sock')}`;
  const parameters = [
    ...['console=ttyS0', 'quiet', 'panic=1', `node=${node}`],
    ...[`wire=${wireAddress(node)}/24`, 'management=198.18.254.15/24'],
  ];
  return [
    ...['-machine', 'q35,accel=tcg', '-cpu', 'max', '-smp', '1', '-m', '2G'],
    ...['-nodefaults', '-nographic', '-no-reboot', '-serial', 'stdio'],
    ...['-kernel', kernel, '-initrd', disk.initrd, '-append', parameters.join(' ')],
    // A snapshot: writes go to a file without a name, which vanishes with the machine.
    ...['-drive', `file=${disk.disk},format=raw,if=virtio,snapshot=on`],
    ...['-netdev', `stream,id=wire,server=${node === 1 ? 'on' : 'off'},${socket}`],
    ...['-device', `virtio-net-pci,netdev=wire,mac=02:00:c6:12:ff:1${node},romfile=`],
    ...[
      '-netdev',
      `user,id=management,restrict=on,net=198.18.254.0/24,host=198.18.254.2,hostfwd=tcp:${hostAddress(node)}:${port}-198.18.254.15:2375`,
    ],
    ...['-device', `virtio-net-pci,netdev=management,mac=02:00:c6:12:fe:1${node},romfile=`],
    ...(node === 1
      ? ['-object', `filter-dump,id=record,netdev=wire,file=${wireFile},maxlen=${snapLengthBytes}`]
      : []),
  ];
}

async function engineOf(node: GuestNumber, port: number, timeoutSeconds: number): Promise<Engine> {
  const url = `tcp://${hostAddress(node)}:${port}`;
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    try {
      return await connectEngine(url, { ownership: 'user', timeoutSeconds: 20 });
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(500);
    }
  }
}

async function joinSwarm([first, second]: readonly [Engine, Engine]): Promise<void> {
  // Docker would make this bridge on the first attachment to an overlay, for which a guest has hardly the time.
  const bridge = 'docker_gwbridge';
  const bridges = [first, second].map(({ docker }) =>
    docker.createNetwork({
      Name: bridge,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: '198.18.253.0/24' }] },
      Options: {
        'com.docker.network.bridge.name': bridge,
        'com.docker.network.bridge.enable_icc': 'false',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
      },
    }),
  );
  await Promise.all(bridges);
  await first.docker.swarmInit({
    ListenAddr: `${wireAddress(1)}:2377`,
    AdvertiseAddr: wireAddress(1),
    DefaultAddrPool: ['198.18.128.0/18'],
    SubnetSize: 24,
  });
  // The routing mesh is of no use here, and takes half a minute to set up.
  await first.docker.getNetwork('ingress').remove();
  const { JoinTokens: tokens } = (await first.docker.swarmInspect()) as { JoinTokens: { Worker: string } };
  await second.docker.swarmJoin({
    ListenAddr: `${wireAddress(2)}:2377`,
    AdvertiseAddr: wireAddress(2),
    RemoteAddrs: [`${wireAddress(1)}:2377`],
    JoinToken: tokens.Worker,
  });
}

/** A free TCP port of each guest's loopback address. */
async function freePorts(): Promise<Record<GuestNumber, number>> {
  const free = (host: string) =>
    new Promise<number>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(0, host, () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
    });
  return { 1: await free(hostAddress(1)), 2: await free(hostAddress(2)) };
}
