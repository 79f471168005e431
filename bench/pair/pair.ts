import type { Driver } from '../../drivers/driver.ts';
import { driverById } from '../../drivers/registry.ts';
import type { Scenario } from '../../results/scenario.ts';
import { ContainerExecutor } from '../engine/container-executor.ts';
import type { Executor } from '../engine/executor.ts';
import { enginesOf, type Site, type SiteEngine } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import { slotsOf } from '../workloads/readiness.ts';
import {
  type PortSlot,
  portSlots,
  protocolsOf,
  type Workload,
  type WorkloadPair,
} from '../workloads/workload.ts';
import { companionsOf, type StartTwin } from './companions.ts';
import { effectiveMtu } from './effective-mtu.ts';
import { impair } from './impair.ts';
import { PairContext } from './pair-context.ts';
import type { StartedEnd, StartedWiring } from './started.ts';
import { tableFillsOf } from './table-fills.ts';

/** The two provisioned ends of one scenario. */
export interface Pair extends WorkloadPair {
  readonly wiring: StartedWiring;
  readonly serverSide: SiteEngine;
  readonly clientSide: SiteEngine;
  /** Effective MTU in bytes, the smaller one of both ends' interfaces; undefined where neither could be read. */
  readonly mtuBytes: number | undefined;
  /** Raised each time the scenario is provisioned anew. */
  readonly generation: number;
  remove(): Promise<void>;
}

const firstPort = 21_000;

/** The pair's ports: the same numbers inside and outside, and distinct between scenarios, since some share the host's. */
function portsOf(scenarioIndex: number): Record<PortSlot, number> {
  const { from: base } = portRange(scenarioIndex);
  return Object.fromEntries(portSlots.map((slot, offset) => [slot, base + offset])) as Record<
    PortSlot,
    number
  >;
}

/** The first and the last of them. */
export function portRange(scenarioIndex: number): { readonly from: number; readonly to: number } {
  const from = firstPort + scenarioIndex * portSlots.length;
  return { from, to: from + portSlots.length - 1 };
}

/** The ports of these slots, as the engine names them: `21000/tcp`. */
function boundPorts(ports: Readonly<Record<PortSlot, number>>, slots: readonly PortSlot[]): string[] {
  return slots.flatMap((slot) => protocolsOf[slot].map((protocol) => `${ports[slot]}/${protocol}`));
}

export interface PairOptions {
  /** Position in the plan; decides the ports, so that pairs that are up together have their own. */
  readonly index?: number;
  readonly generation?: number;
  /**
   * Those that will run on it: where the driver publishes ports it is theirs alone, as each costs a rule and a process of
   * the engine's. Every slot's where absent.
   */
  readonly workloads?: readonly Workload[];
  /** Wires it otherwise than the scenario's own driver. */
  readonly provision?: Driver['provision'] | undefined;
}

/** Creates networks and containers of one scenario. On failure everything made so far is removed before the error goes on. */
export async function provisionPair(
  site: Site,
  pool: SubnetPool,
  scenario: Scenario,
  { index = 0, generation = 0, workloads, provision }: PairOptions = {},
): Promise<Pair> {
  const driver = driverById(scenario.driver);
  if (!driver) throw new Error(`${scenario.driver} is not a driver`);
  const engines = enginesOf(site, scenario.topology);
  if (!engines) throw new Error(`${scenario.id} was planned on a site without engines for it`);
  const ports = portsOf(index);
  const slots = workloads ? slotsOf(workloads, ports) : portSlots;
  const context = new PairContext(
    site,
    pool,
    scenario,
    engines,
    boundPorts(ports, slots),
    `${index}-${generation}`,
  );
  try {
    const wiring = context.started(await (provision ?? driver.provision)(context));
    const client = executorOf(wiring.client, site);
    const server = executorOf(wiring.server, site);
    const undo = (step: () => Promise<void>) => context.cleanUp.add(step);
    await impair({ scenario, wiring, server, client, serverSide: engines.server, undo });
    const pair = {
      scenario,
      server,
      client,
      serverAddress: wiring.serverAddress,
      listenAddress: wiring.listenAddress,
      ports,
      ...(wiring.serverName ? { serverName: wiring.serverName } : {}),
      ...context.controlPlane(wiring),
      tableFills: tableFillsOf(wiring, engines),
    };
    const startTwin: StartTwin = (of, role, number) => context.startTwin(of, role, number);
    return {
      ...pair,
      ...companionsOf(pair, wiring, index, startTwin),
      wiring,
      serverSide: engines.server,
      clientSide: engines.client,
      mtuBytes: await effectiveMtu(client, server, wiring),
      generation,
      remove: () => context.cleanUp.run(),
    };
  } catch (error) {
    // Why it could not be made matters; what of it can't be removed now is swept with the run.
    await context.cleanUp.run().catch(() => undefined);
    throw error;
  }
}

function executorOf(end: StartedEnd, site: Site): Executor {
  if (end.type === 'container') {
    return new ContainerExecutor(end.container.engine.docker, end.container, end.container.engine.name);
  }
  if (!site.native) throw new Error('bare was planned on a site that is not this machine');
  return site.native;
}
