import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import type { Probe } from './probe.ts';

/** What the options of a bridge network say, whether it is the default one or what a new one is given unasked. */
export interface BridgeSettings {
  /** Bytes; absent where the engine was told none and takes 1500. */
  readonly mtu: number | undefined;
  /** Whether its containers may talk to one another (`icc`). */
  readonly icc: boolean;
}

/** How an engine and its swarm were set up, as far as that decides what can be measured on it. */
export interface EngineSettings {
  /** Containers' users are others on the host (`userns-remap`). */
  readonly usernsRemap: boolean;
  /** The engine runs without root: its host's network is a namespace of RootlessKit's. */
  readonly rootless: boolean;
  /** Containers outlive the engine (`live-restore`), which excludes swarm mode. */
  readonly liveRestore: boolean;
  /** `iptables`, `iptables+firewalld`, `nftables`; absent before Docker 29, which knew iptables only. */
  readonly firewallBackend: string | undefined;
  /** Whether its host passes IPv4 packets from one interface to another (`ip-forward`). */
  readonly forwardsIpv4: boolean;
  /** Absent with `bridge: none`. */
  readonly defaultBridge: BridgeSettings | undefined;
  /** What runs containers unless they ask for another: `runc`, `crun`, `runsc`, … */
  readonly runtime: string;
  readonly hasCpuQuota: boolean;
  /** The engine runs in a virtual machine that is not the machine one sees: `Docker Desktop`. */
  readonly virtualMachine: string | undefined;
  /** `active`, `inactive`, `locked`, `pending`, `error`. */
  readonly swarmState: string;
  /** Managers know the cluster's id; workers know their managers' node ids. */
  readonly swarmCluster: string | undefined;
  readonly swarmNode: string | undefined;
  readonly swarmManagers: readonly string[];
}

const word = z.string().max(200);
const infoSchema = z.object({
  SecurityOptions: z.array(z.string()).nullish(),
  LiveRestoreEnabled: z.boolean().nullish(),
  IPv4Forwarding: z.boolean().nullish(),
  FirewallBackend: z.object({ Driver: word }).nullish(),
  DefaultRuntime: word.nullish(),
  CpuCfsQuota: z.boolean().nullish(),
  OperatingSystem: z.string().nullish(),
  Swarm: z
    .object({
      LocalNodeState: word.nullish(),
      NodeID: word.nullish(),
      Cluster: z.object({ ID: word.nullish() }).nullish(),
      RemoteManagers: z.array(z.object({ NodeID: word.nullish() })).nullish(),
    })
    .nullish(),
});

const networkSchema = z.object({
  Name: z.string(),
  Driver: z.string().nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
});

/** The options of a bridge network, as `docker network inspect` gives them. */
export function bridgeSettings(options: Readonly<Record<string, string>> | null | undefined): BridgeSettings {
  const mtu = Number(options?.['com.docker.network.driver.mtu']);
  return {
    mtu: Number.isInteger(mtu) && mtu > 0 ? mtu : undefined,
    icc: options?.['com.docker.network.bridge.enable_icc'] !== 'false',
  };
}

/** Settings from an engine's `info`, its networks, and what its host's kernel says of forwarding. Pure. */
export function settingsFrom(
  info: unknown,
  networks: readonly unknown[],
  ipForward: string | undefined,
): EngineSettings {
  const read = infoSchema.parse(info);
  const security = (read.SecurityOptions ?? []).map((option) => option.split(',')[0]);
  const bridges = networks.flatMap((network) => {
    const parsed = networkSchema.safeParse(network);
    return parsed.success && parsed.data.Name === 'bridge' && parsed.data.Driver === 'bridge'
      ? [bridgeSettings(parsed.data.Options)]
      : [];
  });
  const swarm = read.Swarm;
  return {
    usernsRemap: security.includes('name=userns'),
    rootless: security.includes('name=rootless'),
    liveRestore: read.LiveRestoreEnabled === true,
    firewallBackend: read.FirewallBackend?.Driver,
    forwardsIpv4: ipForward === undefined ? read.IPv4Forwarding !== false : ipForward.trim() === '1',
    defaultBridge: bridges[0],
    runtime: read.DefaultRuntime || 'runc',
    hasCpuQuota: read.CpuCfsQuota !== false,
    virtualMachine: /docker desktop/i.test(read.OperatingSystem ?? '') ? 'Docker Desktop' : undefined,
    swarmState: swarm?.LocalNodeState || 'inactive',
    swarmCluster: swarm?.Cluster?.ID || undefined,
    swarmNode: swarm?.NodeID || undefined,
    swarmManagers: (swarm?.RemoteManagers ?? []).flatMap(({ NodeID }) => NodeID || []),
  };
}

/** Reads how an engine and its swarm were set up. */
export async function readSettings(engine: Engine, probe: Probe): Promise<EngineSettings> {
  const [info, networks, ipForward] = await Promise.all([
    engine.docker.info(),
    engine.docker.listNetworks(),
    probe.tryShell('cat /proc/sys/net/ipv4/ip_forward'),
  ]);
  return settingsFrom(info, networks, ipForward.exitCode === 0 ? ipForward.stdout : undefined);
}
