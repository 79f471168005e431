import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { Probe } from './probe.ts';
import type { SiteEngine } from './site.ts';
import { chooseUnderlay, interfacesSchema } from './underlay.ts';

const routesSchema = z.array(z.object({ prefsrc: z.string().optional(), dev: z.string().optional() }));

/** Starts the probe on an engine and reads where its host stands on the underlay. */
export async function openSiteEngine(
  engine: Engine,
  image: string,
  runId: string,
  wantedUnderlay?: string,
): Promise<SiteEngine> {
  const swarm = await swarmOf(engine);
  const probe = await Probe.start(engine, image, runId, swarm?.stateFile);
  const machine = (await probe.shell('cat /proc/sys/kernel/random/boot_id')).trim();
  const interfaces = interfacesSchema.parse(JSON.parse(await probe.shell('ip -j addr')));
  const underlay = chooseUnderlay({
    interfaces,
    routedAddress: await routedAddress(probe),
    wanted: wantedUnderlay,
    swarm: swarm && { advertised: swarm.address, dataPath: await readDataPath(probe, swarm.address) },
  });
  if (!underlay && wantedUnderlay !== undefined) {
    const there = interfaces.flatMap(({ ifname, addr_info }) =>
      addr_info.flatMap(({ family, local, scope }) =>
        family === 'inet' && scope === 'global' ? [`${local} on ${ifname}`] : [],
      ),
    );
    throw new Failure(
      'usage',
      `the host of ${engine.name} has nothing that --underlay ${wantedUnderlay} could mean`,
      `Choose an address or an interface that it has: ${there.join(', ') || 'there is none'}.`,
    );
  }
  if (!underlay) {
    throw new Failure(
      'infrastructure',
      `the host of ${engine.name} has no address but loopback`,
      'Give it an address in a network, or use an engine that is in a swarm.',
    );
  }
  const hasIpv6 = (await probe.tryShell('test -e /proc/net/if_inet6')).exitCode === 0;
  return {
    engine,
    probe,
    underlayAddress: underlay.address,
    underlayInterface: underlay.interface,
    underlayAddress6: underlay.address6,
    underlayMtuBytes: underlay.mtuBytes,
    dataPath: underlay.dataPath,
    underlayRemark: underlay.remark,
    hasIpv6,
    hasLoopback6: interfaces.some((each) => each.addr_info.some((info) => info.local === '::1')),
    machine,
    swarm,
  };
}

const infoSchema = z.object({
  DockerRootDir: z.string().startsWith('/').max(4096).optional(),
  Swarm: z.object({
    LocalNodeState: z.string(),
    NodeID: z.string(),
    NodeAddr: z.ipv4().or(z.ipv6()),
    ControlAvailable: z.boolean(),
  }),
});

async function swarmOf(engine: Engine) {
  const info = infoSchema.safeParse(await engine.docker.info());
  if (!info.success || info.data.Swarm.LocalNodeState !== 'active') return undefined;
  const { DockerRootDir: root, Swarm: swarm } = info.data;
  return {
    nodeId: swarm.NodeID,
    manager: swarm.ControlAvailable,
    address: swarm.NodeAddr,
    // Holds the addresses of the swarm and no secret; no call of the engine's tells the data path.
    stateFile: root && `${root}/swarm/docker-state.json`,
  };
}

const swarmStateSchema = z.object({ DataPathAddr: z.literal('').or(z.ipv4()).or(z.ipv6()) });

/** The swarm's data path, as the engine keeps it; undefined where that can't be read. */
async function readDataPath(probe: Probe, advertised: string): Promise<string | undefined> {
  const answer = await probe.tryShell(`head -c 65536 ${Probe.swarmState}`);
  if (answer.exitCode !== 0) return undefined;
  try {
    return swarmStateSchema.parse(JSON.parse(answer.stdout)).DataPathAddr || advertised;
  } catch {
    return undefined;
  }
}

// Any far address will do: nothing is sent, the kernel is only asked which way it would go.
async function routedAddress(probe: Probe): Promise<string | undefined> {
  const answer = await probe.tryShell('ip -j route get 203.0.113.1');
  return answer.exitCode === 0 ? routesSchema.parse(JSON.parse(answer.stdout))[0]?.prefsrc : undefined;
}
