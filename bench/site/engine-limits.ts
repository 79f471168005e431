import type { Inability } from '../../drivers/driver.ts';
import { driverById } from '../../drivers/registry.ts';
import type { Scenario } from '../../results/scenario.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { EngineTrial } from './engine-trial.ts';

/** What is known of one engine of a scenario. */
export interface KnownEngine {
  readonly name: string;
  readonly settings: EngineSettings;
  readonly trial: EngineTrial;
}

/** Below this many open files a workload with hundreds of connections runs out of them. */
const fewOpenFiles = 1024;
/** Runtimes that start a container on the host's own kernel and network stack, whatever their name. */
const plainRuntimes = ['runc', 'crun', 'youki', 'io.containerd.runc.v2'];

/** Why an engine's settings rule a scenario out; what the kernel or a needed part lacks is not looked at here. Pure. */
export function limitOf(
  { topology, driver: id, options }: Scenario,
  engine: KnownEngine,
): Inability | undefined {
  const driver = driverById(id);
  const { name, settings, trial } = engine;
  if (settings.rootless && topology === 'cross-host') {
    return {
      reason: `${name} runs rootless: its traffic to other hosts leaves through RootlessKit, which Tare can’t watch`,
      remedy: 'Measure across hosts between engines that run as root, or in the lab (--lab).',
    };
  }
  if (settings.rootless && driver?.traits.publishes) {
    return {
      reason: `${name} runs rootless: RootlessKit carries its published ports, which Tare can’t see from inside`,
      remedy: 'Measure published ports on an engine that runs as root.',
    };
  }
  if (driver?.switchedBy === 'default-bridge' && settings.defaultBridge?.icc === false) {
    return {
      reason: `containers on the default bridge of ${name} may not talk to one another (icc: false)`,
      remedy: 'Start dockerd with --icc=true, or measure same-host/bridge, where they may.',
    };
  }
  if (driver?.switchedBy === 'new-bridge' && trial.newBridge?.icc === false) {
    return {
      reason: `containers on a new bridge of ${name} may not talk to one another (default-network-opts)`,
      remedy: 'Take com.docker.network.bridge.enable_icc=false out of default-network-opts in daemon.json.',
    };
  }
  if (options.cpus !== undefined && !settings.hasCpuQuota) {
    return {
      reason: `the kernel of ${name} has no CPU quota, so @cpus can’t be set`,
      remedy: 'Use a kernel with CONFIG_CFS_BANDWIDTH, or leave @cpus away.',
    };
  }
  return undefined;
}

/** What a reader must know of a scenario that is measured all the same: one sentence each. Pure. */
export function remarksOn({ topology, driver }: Scenario, engine: KnownEngine): string[] {
  const { name, settings, trial } = engine;
  const stack = driverById(driver)?.traits.stack;
  const remarks: string[] = [];
  if (stack === 'machine') return remarks;
  if (settings.rootless && stack === 'host') {
    remarks.push(
      `${name} runs rootless, so host is the network namespace of RootlessKit, not the machine’s.`,
    );
  }
  if (settings.virtualMachine) {
    remarks.push(`${name} is ${settings.virtualMachine}, so host is its virtual machine, not your computer.`);
  }
  if (!plainRuntimes.includes(settings.runtime)) {
    remarks.push(
      `${name} runs containers with ${settings.runtime}, so every figure has that runtime’s cost in it.`,
    );
  }
  if (trial.openFiles !== undefined && trial.openFiles < fewOpenFiles && topology === 'same-host') {
    remarks.push(
      `A container on ${name} may open ${trial.openFiles} files only (default-ulimits), which workloads with many connections exceed.`,
    );
  }
  return remarks;
}

/** What to do where an engine's swarm is not at work, by its state. */
const swarmRemedies: Readonly<Record<string, string>> = {
  inactive: 'Form a swarm (docker swarm init, join) and run again.',
  locked: 'Unlock it (docker swarm unlock) and run again.',
};

/**
 * Why an engine can have no overlay, or two can share none, and what to do; undefined where they can. Pure.
 */
export function whyNoCommonSwarm(engines: readonly KnownEngine[]): Inability | undefined {
  const outside = engines.find(({ settings }) => settings.swarmState !== 'active');
  if (outside) {
    const { name, settings } = outside;
    if (settings.liveRestore) {
      return {
        reason: `${name} is in no swarm, as live-restore excludes swarm mode`,
        remedy: 'Start dockerd without live-restore, and form a swarm (docker swarm init, join).',
      };
    }
    return {
      reason:
        settings.swarmState === 'inactive'
          ? `${name} is in no swarm`
          : `the swarm of ${name} is ${settings.swarmState}`,
      remedy:
        swarmRemedies[settings.swarmState] ??
        'See what `docker info` says of the swarm there, and let the engine leave it and join again.',
    };
  }
  const managers = engines.filter(({ settings }) => settings.swarmCluster !== undefined);
  const [manager] = managers;
  if (!manager) {
    const [only, other] = engines;
    return only && !other
      ? {
          reason: `${only.name} is a worker of its swarm, and only a manager makes networks`,
          remedy: 'Make it a manager (docker node promote, on a manager).',
        }
      : {
          reason: 'neither engine is a manager of the swarm',
          remedy: 'Make one a manager (docker node promote, on a manager).',
        };
  }
  const stranger = engines.find(({ settings }) =>
    settings.swarmCluster === undefined
      ? !settings.swarmManagers.includes(manager.settings.swarmNode ?? '')
      : settings.swarmCluster !== manager.settings.swarmCluster,
  );
  return (
    stranger && {
      reason: `${manager.name} and ${stranger.name} are in different swarms`,
      remedy:
        'Let one leave its swarm and join the other’s (docker swarm leave, join), or give one engine and --lab.',
    }
  );
}
