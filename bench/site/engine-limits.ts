import { driverById } from '../../drivers/registry.ts';
import type { UnsupportedReason } from '../../results/reasons.ts';
import type { Scenario } from '../../results/scenario.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { EngineTrial } from './engine-trial.ts';
import { type NetworkThere, whyNotOn } from './existing-network.ts';
import type { Remark } from './remark.ts';

/** What is known of one engine of a scenario. */
export interface KnownEngine {
  readonly name: string;
  readonly settings: EngineSettings;
  readonly trial: EngineTrial;
  /** Of the networks that are to be joined, those that it has. */
  readonly networks: readonly NetworkThere[];
}

/** Below this many open files a workload with hundreds of connections runs out of them. */
const fewOpenFiles = 1024;
/** Runtimes that start a container on the host's own kernel and network stack, whatever their name. */
const plainRuntimes = ['runc', 'crun', 'youki', 'io.containerd.runc.v2'];

/** Why an engine's settings rule a scenario out; what the kernel or a needed part lacks is not looked at here. Pure. */
export function limitOf(
  { topology, driver: id, options }: Scenario,
  engine: KnownEngine,
): UnsupportedReason | undefined {
  const driver = driverById(id);
  const { name, settings, trial } = engine;
  if (settings.rootless && topology === 'cross-host') return { code: 'rootless-across', engine: name };
  if (settings.rootless && driver?.traits.publishes) return { code: 'rootless-ports', engine: name };
  if (driver?.switchedBy === 'default-bridge' && settings.defaultBridge?.icc === false) {
    return { code: 'icc-off', engine: name, bridge: 'default' };
  }
  if (driver?.switchedBy === 'new-bridge' && trial.newBridge?.icc === false) {
    return { code: 'icc-off', engine: name, bridge: 'new' };
  }
  const notThere = driver?.joins && whyNotOn(options.network ?? '', topology, engine);
  if (notThere) return notThere;
  if (options.cpus !== undefined && !settings.hasCpuQuota) return { code: 'no-cpu-quota', engine: name };
  return undefined;
}

/** What a reader must know of a scenario that is measured all the same. Pure. */
export function remarksOn({ topology, driver }: Scenario, engine: KnownEngine): Remark[] {
  const { name, settings, trial } = engine;
  const stack = driverById(driver)?.traits.stack;
  const remarks: Remark[] = [];
  if (stack === 'machine') return remarks;
  if (settings.rootless && stack === 'host') {
    remarks.push({ code: 'rootless-host', engine: name });
  }
  if (settings.virtualMachine) {
    remarks.push({ code: 'virtual-machine', engine: name, machine: settings.virtualMachine });
  }
  if (!plainRuntimes.includes(settings.runtime)) {
    remarks.push({ code: 'other-runtime', engine: name, runtime: settings.runtime });
  }
  if (trial.openFiles !== undefined && trial.openFiles < fewOpenFiles && topology === 'same-host') {
    remarks.push({ code: 'few-open-files', engine: name, files: trial.openFiles });
  }
  return remarks;
}

/**
 * Why an engine can have no overlay, or two can share none, and what to do; undefined where they can. Pure.
 */
export function whyNoCommonSwarm(engines: readonly KnownEngine[]): UnsupportedReason | undefined {
  const outside = engines.find(({ settings }) => settings.swarmState !== 'active');
  if (outside) {
    const { name, settings } = outside;
    if (settings.liveRestore) return { code: 'live-restore', engine: name };
    return { code: 'no-swarm', engine: name, state: settings.swarmState };
  }
  const managers = engines.filter(({ settings }) => settings.swarmCluster !== undefined);
  const [manager] = managers;
  if (!manager) {
    const [only, other] = engines;
    return only && !other ? { code: 'swarm-worker', engine: only.name } : { code: 'no-swarm-manager' };
  }
  const stranger = engines.find(({ settings }) =>
    settings.swarmCluster === undefined
      ? !settings.swarmManagers.includes(manager.settings.swarmNode ?? '')
      : settings.swarmCluster !== manager.settings.swarmCluster,
  );
  return stranger && { code: 'other-swarms', engine: manager.name, otherEngine: stranger.name };
}
