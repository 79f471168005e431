import { driverById } from '../../drivers/registry.ts';
import type { Scenario, Topology } from '../../results/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import type { NativeExecutor } from '../engine/native-executor.ts';
import type { Probe } from './probe.ts';
import type { UnderlayRemark } from './remark.ts';
import type { Attachment, DataPath } from './underlay.ts';

/** One engine of a run, with what has been found out about its host. */
export interface SiteEngine {
  readonly engine: Engine;
  readonly probe: Probe;
  /**
   * Address of its host on the network that joins the engines (a swarm's data path, where it is in one); on a single
   * engine any non-loopback one.
   */
  readonly underlayAddress: string;
  readonly underlayInterface: string;
  /** The host's IPv6 address there; absent where it has none of global scope. */
  readonly underlayAddress6?: string | undefined;
  /** MTU of that interface in bytes. */
  readonly underlayMtuBytes?: number | undefined;
  /** What a reader must know of how the underlay was chosen. */
  readonly underlayRemark?: UnderlayRemark | undefined;
  /** Where its swarm's overlays leave its host; absent where it is in no swarm. */
  readonly dataPath?: DataPath | undefined;
  /** Whether its kernel has IPv6, and its host's loopback an address of it. */
  readonly hasIpv6?: boolean;
  readonly hasLoopback6?: boolean;
  /** Boot id of its kernel: engines with equal ones share a machine. */
  readonly machine: string;
  /** Its swarm, where it is in one; managers know the cluster's id, workers only their own node's. */
  readonly swarm: { readonly nodeId: string; readonly manager: boolean } | undefined;
}

/** Where a run takes place: its engines, the image on them, and this machine where `bare` may run. */
export interface Site {
  readonly runId: string;
  readonly image: { readonly id: string; readonly name: string };
  readonly sameHost: SiteEngine | undefined;
  readonly crossHost: { readonly server: SiteEngine; readonly client: SiteEngine } | undefined;
  /** Present where the same-host engine runs on this very machine. */
  readonly native: NativeExecutor | undefined;
  /** The range, as CIDR, of which networks are made; the usual one where absent. */
  readonly subnets?: string | undefined;
}

/** By which address and interface a scenario's packets leave a host for the other one. */
export function wayOut(
  side: Pick<SiteEngine, 'dataPath' | 'underlayAddress' | 'underlayInterface' | 'underlayMtuBytes'>,
  { driver }: Scenario,
): Attachment {
  const { dataPath, underlayAddress, underlayInterface, underlayMtuBytes } = side;
  if (driverById(driver)?.overDataPath && dataPath?.type === 'found') return dataPath;
  return { address: underlayAddress, interface: underlayInterface, mtuBytes: underlayMtuBytes };
}

/** The engines of one topology, server's first; undefined where the site lacks it. */
export function enginesOf(
  site: Pick<Site, 'sameHost' | 'crossHost'>,
  topology: Topology,
): { server: SiteEngine; client: SiteEngine } | undefined {
  if (topology === 'cross-host') return site.crossHost;
  return site.sameHost && { server: site.sameHost, client: site.sameHost };
}

/** Every distinct engine of the site. */
export function allEngines(site: Site): SiteEngine[] {
  const all = [site.sameHost, site.crossHost?.server, site.crossHost?.client].filter(
    (engine) => engine !== undefined,
  );
  return [...new Map(all.map((each) => [each.engine.id, each])).values()];
}
