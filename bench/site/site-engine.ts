import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { Probe } from './probe.ts';
import type { SiteEngine } from './site.ts';

const addressesSchema = z.array(
  z.object({
    ifname: z.string(),
    addr_info: z.array(
      z.object({ family: z.string().optional(), local: z.string().optional(), scope: z.string().optional() }),
    ),
  }),
);
export type Interface = z.infer<typeof addressesSchema>[number];
const routesSchema = z.array(z.object({ prefsrc: z.string().optional(), dev: z.string().optional() }));

/** Starts the probe on an engine and reads where its host stands on the underlay. */
export async function openSiteEngine(engine: Engine, image: string, runId: string): Promise<SiteEngine> {
  const probe = await Probe.start(engine, image, runId);
  const machine = (await probe.shell('cat /proc/sys/kernel/random/boot_id')).trim();
  const swarm = await swarmOf(engine);
  const interfaces = addressesSchema.parse(JSON.parse(await probe.shell('ip -j addr')));
  const underlayAddress = swarm?.address ?? (await routedAddress(probe, interfaces));
  const underlay = interfaces.find((each) => each.addr_info.some((info) => info.local === underlayAddress));
  if (!underlay) {
    throw new Failure(
      'infrastructure',
      `no interface of ${engine.name} carries its address ${underlayAddress}`,
      'If the engine is in a swarm, its advertised address must be one of its own.',
    );
  }
  const hasIpv6 = (await probe.tryShell('test -e /proc/net/if_inet6')).exitCode === 0;
  return {
    engine,
    probe,
    underlayAddress,
    underlayInterface: underlay.ifname,
    underlayAddress6: underlay.addr_info.find((info) => info.family === 'inet6' && info.scope === 'global')
      ?.local,
    hasIpv6,
    hasLoopback6: interfaces.some((each) => each.addr_info.some((info) => info.local === '::1')),
    machine,
    swarm,
  };
}

const swarmSchema = z.object({
  LocalNodeState: z.string(),
  NodeID: z.string(),
  NodeAddr: z.string(),
  ControlAvailable: z.boolean(),
});

async function swarmOf(engine: Engine) {
  const swarm = swarmSchema.safeParse((await engine.docker.info()).Swarm);
  if (!swarm.success || swarm.data.LocalNodeState !== 'active') return undefined;
  return { nodeId: swarm.data.NodeID, manager: swarm.data.ControlAvailable, address: swarm.data.NodeAddr };
}

// Any far address will do: nothing is sent, the kernel is only asked which way it would go.
async function routedAddress(probe: Probe, interfaces: readonly Interface[]): Promise<string> {
  const answer = await probe.tryShell('ip -j route get 203.0.113.1');
  const route = answer.exitCode === 0 ? routesSchema.parse(JSON.parse(answer.stdout))[0] : undefined;
  const address = route?.prefsrc ?? addressWithoutRoute(interfaces);
  if (address) return address;
  throw new Failure(
    'infrastructure',
    `the host of ${probe.engine.name} has no address but loopback`,
    'Give it an address in a network, or use an engine that is in a swarm.',
  );
}

/** Interfaces that an engine makes for its own networks. */
const madeByEngine = /^(docker|br-[0-9a-f]|veth|docker_gwbridge)/;

/** The address of a host without a default route: the first global one of an interface that is no engine's own. */
export function addressWithoutRoute(interfaces: readonly Interface[]): string | undefined {
  return interfaces
    .filter(({ ifname }) => !madeByEngine.test(ifname))
    .flatMap(({ addr_info }) => addr_info)
    .find(({ family, scope }) => family === 'inet' && scope === 'global')?.local;
}
