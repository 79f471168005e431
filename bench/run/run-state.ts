import type { FunctionCount } from '../../results/function-counts.ts';
import type { Topology } from '../../results/scenario.ts';
import type { Arm, Canary, PairFacts, Trial } from '../../results/schema.ts';
import type { RunWriter } from '../../results/store.ts';
import type { Pair } from '../pair/pair.ts';
import { equalLoads } from '../plan/equal-load.ts';

/**
 * What a run learns on its way: its trials, the rate of those at equal load, facts of its pairs. It is in the record as
 * soon as it is learnt, so that a run that is gone on with knows it; the plan never changes.
 */
export class RunState {
  readonly #writer: RunWriter;
  readonly #measured: Trial[];
  readonly #known: Set<string>;

  /** @param earlier trials that an interrupted part of this run has in its record */
  constructor(writer: RunWriter, earlier: readonly Trial[]) {
    this.#writer = writer;
    this.#measured = earlier.filter((trial) => !isWanting(trial));
    this.#known = new Set(
      writer.run.pairs.map((facts) => keyOf(facts.scenario, facts.arm, facts.generation)),
    );
  }

  /** Every trial so far, save those of earlier parts that are measured again. */
  get measured(): readonly Trial[] {
    return this.#measured;
  }

  /** Takes a trial, with its tool's output and what each function took, into the record. */
  async add(trial: Trial, raw: string, functions: readonly FunctionCount[] = []): Promise<void> {
    if (raw) await this.#writer.keepRaw(trial.order, raw);
    if (functions.length > 0) await this.#writer.keepFunctions(trial.order, functions);
    await this.#writer.append(trial);
    this.#measured.push(trial);
  }

  /**
   * The rate of the trials at equal load in bit/s, settled by the first that needs it and the same for all behind it.
   * @param firstPass id of the workload that tells what the networks sustain
   * @returns undefined where no trial before them told one
   */
  async equalLoad(topology: Topology, firstPass: string): Promise<number | undefined> {
    const { run } = this.#writer;
    if (!run.equalLoadBitsPerSecond)
      await this.#writer.update({
        equalLoadBitsPerSecond: equalLoads(run.plan, firstPass, this.#measured),
      });
    return this.#writer.run.equalLoadBitsPerSecond?.[topology];
  }

  /** Notes the facts of a pair, once for each time that it is made for an arm. */
  async addPair(pair: Pair, arm: Arm | undefined, canary: Canary | undefined): Promise<void> {
    const key = keyOf(pair.scenario.id, arm, pair.generation);
    if (this.#known.has(key)) return;
    const facts: PairFacts = {
      scenario: pair.scenario.id,
      ...(arm === undefined ? {} : { arm }),
      generation: pair.generation,
      ...(pair.mtuBytes === undefined ? {} : { mtuBytes: pair.mtuBytes }),
      serverAddress: pair.serverAddress,
      path: [...pair.wiring.path],
      ...(pair.wiring.joined && { joined: pair.wiring.joined }),
      ...(canary ? { canary } : {}),
    };
    await this.#writer.update({ pairs: [...this.#writer.run.pairs, facts] });
    this.#known.add(key);
  }
}

/** Whether a trial is in the record as one that an engine's absence took. */
export function isWanting(trial: Trial): boolean {
  return trial.status === 'failed' && trial.engineGone === true;
}

const keyOf = (scenario: string, arm: Arm | undefined, generation: number | undefined) =>
  JSON.stringify([scenario, arm, generation]);
