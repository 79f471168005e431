import { driverById } from '../drivers/registry.ts';
import type { Plan } from '../results/schema.ts';
import { type Pair, provisionPair } from './pair.ts';
import { parentClaim, readyScenarios } from './plan.ts';
import type { Site } from './site.ts';
import type { SubnetPool } from './subnets.ts';
import { startServers } from './workloads/readiness.ts';
import type { Workload } from './workloads/workload.ts';

/** A pair that could not be made; its trials fail with this reason and the run goes on. */
export interface PairFailure {
  readonly type: 'failed';
  readonly reason: string;
}

export type PairState = { readonly type: 'up'; readonly pair: Pair } | PairFailure;

// Docker's network calls are serial inside the daemon; more at once only lengthens each.
const provisionedAtOnce = 4;

/** The pairs that are up now. Makes them on demand, and takes down what would stand in the way of one. */
export class PairSet {
  readonly #site: Site;
  readonly #pool: SubnetPool;
  readonly #plan: Plan;
  readonly #workloads: readonly Workload[];
  readonly #states = new Map<string, PairState>();
  #generation = 0;

  constructor(site: Site, pool: SubnetPool, plan: Plan, workloads: readonly Workload[]) {
    this.#site = site;
    this.#pool = pool;
    this.#plan = plan;
    this.#workloads = workloads;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Takes every pair down; those asked for from now on are made anew. */
  async nextGeneration(generation: number): Promise<void> {
    await this.removeAll();
    this.#generation = generation;
  }

  /** Makes at once all pairs of these scenarios that can be up together. */
  async prepare(scenarioIds: readonly string[]): Promise<void> {
    const claims = new Map<string, string>();
    const together = scenarioIds.filter((id) => {
      const scenario = readyScenarios(this.#plan).find((each) => each.id === id);
      const claim = scenario && parentClaim(scenario);
      if (!claim) return true;
      const parent = claim.slice(claim.indexOf(' on '));
      const holder = claims.get(parent) ?? claim;
      claims.set(parent, holder);
      return holder === claim;
    });
    const queue = [...together];
    const worker = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) await this.get(id);
    };
    await Promise.all(Array.from({ length: provisionedAtOnce }, worker));
  }

  /** The scenario's pair, made if need be. */
  async get(scenarioId: string): Promise<PairState> {
    const known = this.#states.get(scenarioId);
    if (known) return known;
    const scenarios = readyScenarios(this.#plan);
    const index = scenarios.findIndex((each) => each.id === scenarioId);
    const scenario = scenarios[index];
    const driver = scenario && driverById(scenario.driver);
    if (!scenario || !driver) throw new Error(`${scenarioId} is not in the plan`);
    await this.#makeRoomFor(scenarioId);
    let state: PairState;
    try {
      const pair = await provisionPair(this.#site, this.#pool, driver, scenario, index, this.#generation);
      state = { type: 'up', pair };
      this.#states.set(scenarioId, state);
      await startServers(
        pair,
        this.#workloads.filter((workload) => !workload.unsupported?.(scenario)),
      );
    } catch (error) {
      await this.drop(scenarioId);
      state = { type: 'failed', reason: `could not be set up: ${(error as Error).message}` };
    }
    this.#states.set(scenarioId, state);
    return state;
  }

  /** Takes one pair down, so that the next `get` makes it anew. */
  async drop(scenarioId: string): Promise<void> {
    const state = this.#states.get(scenarioId);
    this.#states.delete(scenarioId);
    if (state?.type === 'up') await state.pair.remove();
  }

  async removeAll(): Promise<void> {
    const results = await Promise.allSettled([...this.#states.keys()].map((id) => this.drop(id)));
    await this.#site.native?.stop();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #makeRoomFor(scenarioId: string): Promise<void> {
    const claimOf = (id: string) => {
      const scenario = readyScenarios(this.#plan).find((each) => each.id === id);
      return scenario && parentClaim(scenario);
    };
    const mine = claimOf(scenarioId);
    if (!mine) return;
    for (const other of this.#states.keys()) {
      const theirs = claimOf(other);
      if (theirs && theirs !== mine && theirs.split(' on ')[1] === mine.split(' on ')[1])
        await this.drop(other);
    }
  }
}
