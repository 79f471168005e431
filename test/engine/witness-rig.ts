import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pair, provisionPair } from '../../bench/pair/pair.ts';
import type { PairContext } from '../../bench/pair/pair-context.ts';
import { CpuMeter } from '../../bench/run/cpu-meter.ts';
import { runTrial } from '../../bench/run/trial.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';
import { PathWatcher } from '../../bench/witness/path-watcher.ts';
import { startServers } from '../../bench/workloads/readiness.ts';
import { workloadById } from '../../bench/workloads/registry.ts';
import type { Workload } from '../../bench/workloads/workload.ts';
import type { Driver } from '../../drivers/driver.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import type { Canary, Plan, Trial, Witness } from '../../results/schema.ts';

export interface Witnessed {
  readonly trial: Trial;
  readonly witness: Witness;
  readonly canary: Canary | undefined;
}

/** Engines and a lab for tests of the witness; wires pairs honestly or otherwise and measures one trial on each. */
export class WitnessRig {
  readonly site: OpenSite;
  readonly folder: string;
  readonly #pool: SubnetPool;
  readonly #meter: CpuMeter;
  readonly watcher: PathWatcher;
  #index = 0;

  private constructor(site: OpenSite, pool: SubnetPool, meter: CpuMeter, folder: string) {
    this.site = site;
    this.folder = folder;
    this.#pool = pool;
    this.#meter = meter;
    this.watcher = new PathWatcher(folder);
  }

  /** @param engines addresses; Tare's own where there are none */
  static async open(labNodes: number | undefined, engines: readonly string[] = []): Promise<WitnessRig> {
    const site = await openSite({ engines, labNodes, listener: () => undefined }, newRunId(new Date()));
    const folder = await mkdtemp(join(tmpdir(), 'tare-witness-'));
    return new WitnessRig(site, await SubnetPool.of(site), await CpuMeter.create(site.runId), folder);
  }

  async close(): Promise<void> {
    await this.site.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * Measures trials on one pair, each of which must end well and have a witness.
   * @param provision wires the pair otherwise than the driver that the scenario names would
   * @param meddle what is done to the wired pair before it is measured
   */
  async measure(
    id: string,
    options: {
      readonly workloads?: readonly string[];
      readonly provision?: Driver['provision'];
      readonly meddle?: (ports: readonly number[]) => Promise<void>;
      /** Same-host scenarios on the first engine of the lab, which is newer than the machine's. */
      readonly onLabNode?: boolean;
    } = {},
  ): Promise<Witnessed[]> {
    return this.#onPair(id, options, async (pair, workloads) => {
      const results: Witnessed[] = [];
      for (const workload of workloads) {
        const trial = await this.#trial(pair, workload);
        if (trial.status === 'failed')
          throw new Error(`${workload.id} on ${id} failed: ${trialReasonText(trial.reason)}`);
        if (!trial.witness) throw new Error(`${workload.id} on ${id} has no witness`);
        results.push({ trial, witness: trial.witness, canary: this.watcher.canaryOf(pair) });
      }
      return results;
    });
  }

  /** Measures one short trial of each workload on one honest pair, and gives them however they ended. */
  async trials(id: string, workloadIds: readonly string[]): Promise<Trial[]> {
    return this.#onPair(id, { workloads: workloadIds }, async (pair, workloads) => {
      const trials: Trial[] = [];
      for (const workload of workloads) trials.push(await this.#trial(pair, workload, 0.5));
      return trials;
    });
  }

  async #onPair<T>(
    id: string,
    options: NonNullable<Parameters<WitnessRig['measure']>[1]>,
    use: (pair: Pair, workloads: readonly Workload[]) => Promise<T>,
  ): Promise<T> {
    const scenario = parseScenarioId(id) as Scenario;
    const ids = options.workloads ?? ['tcp-stream'];
    const workloads = ids.flatMap((each) => workloadById(each) ?? []);
    const { site } = this;
    const place = options.onLabNode ? { ...site, sameHost: site.crossHost?.server, native: undefined } : site;
    const pair = await provisionPair(place, this.#pool, scenario, {
      provision: options.provision,
      index: this.#index++,
    });
    try {
      await options.meddle?.(Object.values(pair.ports));
      await startServers(pair, workloads);
      return await use(pair, workloads);
    } finally {
      await pair.remove();
      await this.site.native?.stop();
    }
  }

  async #trial(pair: Pair, workload: Workload, durationSeconds = 1): Promise<Trial> {
    const planned = { block: 0, order: 0, chain: 0, scenario: pair.scenario.id, workload: workload.id };
    const loads = { offeredBitsPerSecond: 50e6, equalLoadBitsPerSecond: 50e6 };
    const settings = { durationSeconds, omitSeconds: 0, cores: 2, ...loads };
    const context = { plan: planOf(), meter: this.#meter, watch: this.watcher.watch };
    return (await runTrial(planned, pair, workload, settings, context)).trial;
  }
}

/** A plan with what a trial looks at; stolen CPU time is no matter here. */
function planOf(): Plan {
  return {
    profile: 'test',
    seed: 1,
    blocks: 1,
    blocksPerGeneration: 1,
    scenarios: [],
    workloads: [],
    baselines: {},
    offeredBitsPerSecond: 50e6,
    maxStealShare: 1,
  };
}

/** Gives a driver a context in which both ends are on the server's engine. */
export function onOneEngine(provision: Driver['provision']): Driver['provision'] {
  return (context) =>
    provision(
      new Proxy(context, {
        get(target, key) {
          const value = Reflect.get(target, key === 'clientEngine' ? 'serverEngine' : key, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    );
}

/** Wires a pair, attaches both its ends to one more network and lets the traffic go there, saying nothing of it. */
export function detoured(provision: Driver['provision'], driver: string): Driver['provision'] {
  return async (context) => {
    // Made before the containers, because pairs are taken down in the reverse order.
    const network = await context.createNetwork(context.serverEngine, { driver });
    const wiring = await provision(context);
    for (const end of [wiring.server, wiring.client]) {
      if (end.type === 'container') await context.connect(end.container, network);
    }
    const { docker } = (context as PairContext).serverEngine;
    const server = wiring.server.type === 'container' ? wiring.server.container.id : '';
    const inspected = await docker.getContainer(server).inspect();
    const address = inspected.NetworkSettings.Networks[network.name]?.IPAddress;
    if (!address) throw new Error('the second network gave no address');
    return { ...wiring, serverAddress: address, listenAddress: address };
  };
}
