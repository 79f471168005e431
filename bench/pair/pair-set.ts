import { describeFailure } from '../../results/failure.ts';
import type { TrialReason } from '../../results/reasons.ts';
import type { Arm, Plan } from '../../results/schema.ts';
import { traitsOf } from '../../results/traits-of.ts';
import { type ParentClaim, parentClaim, readyScenarios } from '../plan/plan.ts';
import type { Site } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import { startServers } from '../workloads/readiness.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Pair, provisionPair } from './pair.ts';

/** A pair that could not be made; its trials fail with this reason and the run goes on. */
export interface PairFailure {
  readonly type: 'failed';
  readonly reason: TrialReason;
}

export type PairState = { readonly type: 'up'; readonly pair: Pair } | PairFailure;

/** Which pair: the two arms of a live comparison have each their own, though the scenario may be the same. */
export interface PairId {
  readonly scenario: string;
  readonly arm?: Arm | undefined;
}

// Docker's network calls are serial inside the daemon; more at once only lengthens each.
const provisionedAtOnce = 4;

// Under emulation everything takes some ten times as long.
const readinessSeconds = { native: 10, emulated: 60 };

/** The pairs that are up now. Makes them on demand, and takes down what would stand in the way of one. */
export class PairSet {
  readonly #site: Site;
  readonly #pool: SubnetPool;
  readonly #plan: Plan;
  readonly #workloads: readonly Workload[];
  readonly #emulated: boolean;
  readonly #warn: (text: string) => void;
  readonly #states = new Map<
    string,
    { readonly claim: ParentClaim | undefined; readonly state: Promise<PairState> }
  >();
  #generation = 0;

  /** @param warn hears of what could not be removed; no fault of that kind ends a run or hides another */
  constructor(
    site: Site,
    pool: SubnetPool,
    plan: Plan,
    workloads: readonly Workload[],
    emulated: boolean,
    warn: (text: string) => void,
  ) {
    this.#warn = warn;
    this.#site = site;
    this.#pool = pool;
    this.#plan = plan;
    this.#workloads = workloads;
    this.#emulated = emulated;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Takes every pair down; those asked for from now on are made anew. */
  async nextGeneration(generation: number): Promise<void> {
    await this.removeAll();
    this.#generation = generation;
  }

  /** Makes all of these pairs that can be up together, a few at a time. */
  async prepare(wanted: readonly PairId[]): Promise<void> {
    const holders = new Map<string, string>();
    const queue = wanted.filter((id) => {
      const claim = this.#find(id).claim;
      if (!claim) return true;
      const { kind, parent } = claim;
      if (!holders.has(parent)) holders.set(parent, kind);
      return holders.get(parent) === kind;
    });
    // The run can begin with its first pair while the others are being made, and alone it is there soonest.
    const first = queue.shift();
    if (first) await this.get(first);
    const worker = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) await this.get(id);
    };
    await Promise.all(Array.from({ length: provisionedAtOnce }, worker));
  }

  /** The scenario's pair, made if need be. */
  async get(id: PairId): Promise<PairState> {
    const key = keyOf(id);
    const known = this.#states.get(key);
    if (known) return known.state;
    const { claim } = this.#find(id);
    const inTheWay = [...this.#states].filter(
      ([, other]) => other.claim?.parent === claim?.parent && other.claim?.kind !== claim?.kind,
    );
    const state = Promise.all(inTheWay.map(([other]) => this.#dropKey(other))).then(() => this.#make(id));
    this.#states.set(key, { claim, state });
    return state;
  }

  /** Takes one pair down, so that the next `get` makes it anew. Never rejects. */
  drop(id: PairId): Promise<void> {
    return this.#dropKey(keyOf(id));
  }

  /** Takes every pair down. Never rejects: what stays is swept, and told, as the site is closed. */
  async removeAll(): Promise<void> {
    await Promise.all([...this.#states.keys()].map((key) => this.#dropKey(key)));
    await this.#site.native
      ?.stop()
      .catch((error: unknown) => this.#warn(`a server did not end: ${describeFailure(error)}`));
  }

  async #make(id: PairId): Promise<PairState> {
    const { scenario, index } = this.#find(id);
    const traits = traitsOf(scenario);
    const fitting = this.#workloads.filter(
      (workload) => !traits || !workload.unsupported?.(traits, scenario.options),
    );
    let pair: Pair | undefined;
    try {
      const options = { index, generation: this.#generation, workloads: fitting };
      pair = await provisionPair(this.#site, this.#pool, scenario, options);
      await startServers(pair, fitting, {
        limitSeconds: this.#emulated ? readinessSeconds.emulated : readinessSeconds.native,
      });
      return { type: 'up', pair };
    } catch (error) {
      await this.#remove(pair, keyOf(id));
      return { type: 'failed', reason: { code: 'no-pair', said: describeFailure(error) } };
    }
  }

  async #dropKey(key: string): Promise<void> {
    const entry = this.#states.get(key);
    this.#states.delete(key);
    const state = await entry?.state.catch(() => undefined);
    if (state?.type === 'up') await this.#remove(state.pair, key);
  }

  async #remove(pair: Pair | undefined, key: string): Promise<void> {
    await pair?.remove().catch((error: unknown) => {
      this.#warn(`the pair of ${key} was not removed cleanly: ${describeFailure(error)}`);
    });
  }

  #find(id: PairId) {
    const scenarios = readyScenarios(this.#plan);
    const index = scenarios.findIndex((each) => each.id === id.scenario && each.arm === id.arm);
    const scenario = scenarios[index];
    if (!scenario) throw new Error(`${keyOf(id)} is not in the plan`);
    return { scenario, index, claim: parentClaim(scenario) };
  }
}

const keyOf = ({ scenario, arm }: PairId) => (arm ? `${scenario} (${arm})` : scenario);
