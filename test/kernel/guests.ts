import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../bench/engine/engine.ts';
import { loadTar } from '../../bench/image/build.ts';
import { enginesOf, underlayAddress } from '../../bench/machine/guest-engines.ts';
import { type GuestProcess, startGuest } from '../../bench/machine/guest-process.ts';
import { ensureGuest, toolboxFile } from '../../bench/machine/kept-guest.ts';
import { recipeSchema } from '../../bench/machine/recipe.ts';

/** Two machines with a kernel of Debian's and one Docker Engine each, in one swarm, on a wire that is recorded. */
export interface Guests {
  readonly engines: readonly [Engine, Engine];
  /** Everything that crossed the wire between them, as pcap, the first bytes of each frame. */
  readonly wireFile: string;
  /** The last lines of both consoles, for messages. */
  consoles(): string;
  /** Ends both at once and removes what they left. */
  stop(): Promise<void>;
}

/** Why no machine can be made here; undefined where one can. */
export function whyNoGuests(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the guests are emulated x86-64 on Linux, and this is ${process.platform} on ${process.arch}`;
  }
  return process.getuid?.() === 0 ? undefined : 'only root can build the toolbox image that is in the guests';
}

// The older tables: a rule costs half of what it costs through nf_tables, and dockerd sets dozens.
const recipe = recipeSchema.parse({ tables: 'legacy' });

/**
 * Boots both guests and waits for their engines.
 * @throws Error with the consoles' last lines where they don't come up
 */
export async function bootGuests(): Promise<Guests> {
  const folder = await mkdtemp(join(tmpdir(), 'tare-guests-'));
  const wireFile = join(folder, 'wire.pcap');
  const guests: GuestProcess[] = [];
  const stop = async () => {
    await Promise.all(guests.map((guest) => guest.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  const consoles = () => guests.map((guest) => `guest ${guest.firstNode}: ${guest.console()}`).join('\n');
  try {
    const { signal } = new AbortController();
    const options = { progress: () => undefined, signal };
    const { emulator, files } = await ensureGuest(recipe, options);
    const toolbox = await toolboxFile(options.progress);
    const socket = join(folder, 'wire.sock');
    for (const node of [1, 2]) {
      // The first one owns the wire's socket; the second one connects to it.
      const wire = { socket, serves: node === 1, record: node === 1 ? wireFile : undefined };
      const nodes = { first: node, last: node };
      guests.push(await startGuest({ emulator, files, nodes, clock: 'wall', wire }, signal));
    }
    const engines = (await Promise.all(guests.map((guest) => enginesOf(guest, signal)))).flat();
    await Promise.all(engines.map((engine) => loadTar(engine, toolbox.file)));
    await joinSwarm(engines as [Engine, Engine]);
    return { engines: engines as [Engine, Engine], wireFile, consoles, stop };
  } catch (error) {
    const said = consoles();
    await stop();
    throw new Error(`the guests do not come up: ${(error as Error).message}\n${said}`, { cause: error });
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
    ListenAddr: `${underlayAddress(1)}:2377`,
    AdvertiseAddr: underlayAddress(1),
    DefaultAddrPool: ['198.18.128.0/18'],
    SubnetSize: 24,
  });
  // The routing mesh is of no use here, and takes half a minute to set up.
  await first.docker.getNetwork('ingress').remove();
  const { JoinTokens: tokens } = (await first.docker.swarmInspect()) as { JoinTokens: { Worker: string } };
  await second.docker.swarmJoin({
    ListenAddr: `${underlayAddress(2)}:2377`,
    AdvertiseAddr: underlayAddress(2),
    RemoteAddrs: [`${underlayAddress(1)}:2377`],
    JoinToken: tokens.Worker,
  });
}
