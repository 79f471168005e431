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
const routesSchema = z.array(z.object({ prefsrc: z.string().optional(), dev: z.string().optional() }));

/** Starts the probe on an engine and reads where its host stands on the underlay. */
export async function openSiteEngine(engine: Engine, image: string, runId: string): Promise<SiteEngine> {
  const probe = await Probe.start(engine, image, runId);
  const machine = (await probe.shell('cat /proc/sys/kernel/random/boot_id')).trim();
  const swarm = await swarmOf(engine);
  const underlayAddress = swarm?.address ?? (await routedAddress(probe));
  const interfaces = addressesSchema.parse(JSON.parse(await probe.shell('ip -j addr')));
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
async function routedAddress(probe: Probe): Promise<string> {
  const answer = await probe.tryShell('ip -j route get 203.0.113.1');
  const route = answer.exitCode === 0 ? routesSchema.parse(JSON.parse(answer.stdout))[0] : undefined;
  if (route?.prefsrc) return route.prefsrc;
  throw new Failure(
    'infrastructure',
    `the host of ${probe.engine.name} has no address but loopback`,
    'Give it a default route, or use an engine that is in a swarm.',
  );
}
