import { type Pair, provisionPair } from '../../bench/pair/pair.ts';
import { CpuMeter } from '../../bench/run/cpu-meter.ts';
import { runTrial } from '../../bench/run/trial.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';
import { PathWatcher } from '../../bench/witness/path-watcher.ts';
import { startServers } from '../../bench/workloads/readiness.ts';
import { workloadById } from '../../bench/workloads/registry.ts';
import type { Workload } from '../../bench/workloads/workload.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import type { Canary, Plan, Trial } from '../../results/schema.ts';
import type { Guests } from './guests.ts';

export interface MeasuredTrial {
  readonly trial: Trial;
  readonly canary: Canary | undefined;
}

/** Tare on the guests without its command line: one trial on a pair that may be meddled with. */
export class GuestSite {
  readonly #site: OpenSite;
  readonly #pool: SubnetPool;
  readonly #watcher: PathWatcher;
  #index = 0;

  private constructor(site: OpenSite, pool: SubnetPool, folder: string) {
    this.#site = site;
    this.#pool = pool;
    this.#watcher = new PathWatcher(folder);
  }

  static async open(guests: Guests, folder: string): Promise<GuestSite> {
    const request = {
      engines: guests.engines.map((engine) => engine.url),
      labNodes: undefined,
      listener: () => undefined,
    };
    const site = await openSite(request, newRunId(new Date()));
    return new GuestSite(site, await SubnetPool.of(site), folder);
  }

  async close(): Promise<void> {
    await this.#site.close();
  }

  /**
   * Wires a pair as its scenario says, flies the canary, measures one short trial.
   * @param meddle what is done to the wired pair before the canary
   */
  async measure(id: string, meddle?: (pair: Pair) => Promise<void>): Promise<MeasuredTrial> {
    const scenario = parseScenarioId(id) as Scenario;
    const workload = workloadById('tcp-stream') as Workload;
    const pair = await provisionPair(this.#site, this.#pool, scenario, { index: this.#index++ });
    try {
      await meddle?.(pair);
      await startServers(pair, [workload]);
      const planned = { block: 0, order: 0, chain: 0, scenario: id, workload: workload.id };
      const settings = { durationSeconds: 1, omitSeconds: 0, cores: 1, offeredBitsPerSecond: 1e6 };
      const context = { plan, meter: await CpuMeter.create(this.#site.runId), watch: this.#watcher.watch };
      const { trial } = await runTrial(planned, pair, workload, settings, context);
      return { trial, canary: this.#watcher.canaryOf(pair) };
    } finally {
      await pair.remove();
    }
  }
}

/** A plan with what a trial looks at: stolen CPU time is no matter under emulation. */
const plan: Plan = {
  profile: 'test',
  seed: 1,
  blocks: 1,
  blocksPerGeneration: 1,
  scenarios: [],
  workloads: [],
  baselines: {},
  offeredBitsPerSecond: 1e6,
  maxStealShare: 1,
};
