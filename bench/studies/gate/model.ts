import {
  type OkTrial,
  type Plan,
  type Run,
  type RunRecord,
  schemaVersion,
  type Trial,
} from '../../../results/schema.ts';
import { type Noise, shuffled } from '../../../results/statistics/random.ts';

/** What the simulated machine is like; standard deviations are of logarithms. */
export interface MachineModel {
  /** Noise of one trial of a metric: Student's t with 3 degrees of freedom. */
  readonly trialNoise: Readonly<Record<SimulatedMetric, number>>;
  /** Step of the random walk from one trial to the next. */
  readonly driftPerTrial: Readonly<Record<SimulatedMetric, number>>;
  /** Difference between one creation of a pair and the next. */
  readonly creationNoise: number;
}

export type SimulatedMetric = 'goodput' | 'rtt-p50';

/**
 * As measured on two cores of a shared machine. Goodput: ABBA quadruples of 1-second trials differ by 3.2 %, which is
 * the noise of one trial (3.5 % here); blocks over a quarter of an hour (324 trials) scatter by 7 %, which a random
 * walk does with steps of 0.9 %. Round trips are noisier by the same two measures.
 */
export const seenMachine: MachineModel = {
  trialNoise: { goodput: 0.035, 'rtt-p50': 0.08 },
  driftPerTrial: { goodput: 0.009, 'rtt-p50': 0.02 },
  creationNoise: 0.005,
};

const simulatedScenarios = [
  'bridge-published',
  'overlay',
  'overlay-encrypted',
  'macvlan',
  'ipvlan-l2',
  'ipvlan-l3',
].map((driver) => `cross-host/${driver}`);
const baseline = 'cross-host/host';
const workloads = { 'tcp-stream': 'goodput', 'tcp-rr': 'rtt-p50' } as const;
type SimulatedWorkload = keyof typeof workloads;
const workloadIds = Object.keys(workloads) as SimulatedWorkload[];
const blocksPerGeneration = 4;

/** What a live run compares. */
export interface LivePlan {
  readonly scenarios: readonly string[];
  readonly workloads: readonly SimulatedWorkload[];
  /** Head trials in each chain of a scenario; the host, as control, has one. */
  readonly comparisonsPerChain: number;
}

/** Everything at once. */
export const wholeMatrix: LivePlan = {
  scenarios: simulatedScenarios,
  workloads: workloadIds,
  comparisonsPerChain: 1,
};

/** What the profile `gate` measures: two networks, both workloads. */
export const gatingScenarios: readonly string[] = simulatedScenarios.slice(0, 2);

/** One scenario's goodput: 7 trials of it and 3 of the host in a block, 300 one-second trials in 30 blocks. */
export const onePair: LivePlan = {
  scenarios: simulatedScenarios.slice(0, 1),
  workloads: ['tcp-stream'],
  comparisonsPerChain: 3,
};

/** A machine on which runs are made one after another; its drift goes on from one to the next. */
export class SimulatedMachine {
  readonly #drift: Record<SimulatedMetric, number> = { goodput: 0, 'rtt-p50': 0 };
  readonly #creations = new Map<string, number>();
  #order = 0;

  constructor(
    private readonly model: MachineModel,
    private readonly noise: Noise,
  ) {}

  /**
   * A stored run: chains of the baseline and the scenarios in turn.
   * @param slowdown by how much one scenario is worse than in other runs, as a ratio minus one
   * @param scenarios beside the host; the first is the one that is worse
   */
  storedRun(blocks: number, slowdown = 0, scenarios: readonly string[] = simulatedScenarios): RunRecord {
    this.#creations.clear();
    const trials: Trial[] = [];
    for (let block = 0; block < blocks; block += 1) {
      workloadIds.forEach((workload, chain) => {
        const add = (scenario: string): number =>
          trials.push(
            this.#trial({ block, chain, workload, scenario }, scenario === scenarios[0] ? slowdown : 0),
          );
        for (const scenario of shuffled(scenarios, this.noise.uniform)) {
          add(baseline);
          add(scenario);
        }
        add(baseline);
      });
    }
    return { run: simulatedRun(blocks), trials };
  }

  /** A live run: in each block one chain base, head, base … for every workload and scenario, the host included. */
  liveRun(blocks: number, slowdown: number, plan: LivePlan): RunRecord {
    this.#creations.clear();
    const trials: Trial[] = [];
    const compared = [baseline, ...plan.scenarios].flatMap((scenario) =>
      plan.workloads.map((workload) => ({ scenario, workload })),
    );
    for (let block = 0; block < blocks; block += 1) {
      shuffled(compared, this.noise.uniform).forEach(({ scenario, workload }, chain) => {
        const comparisons = scenario === baseline ? 1 : plan.comparisonsPerChain;
        for (let place = 0; place <= 2 * comparisons; place += 1) {
          const arm = place % 2 === 0 ? 'base' : 'head';
          const slow = arm === 'head' && scenario === plan.scenarios[0] ? slowdown : 0;
          trials.push({ ...this.#trial({ block, chain, workload, scenario, arm }, slow), arm });
        }
      });
    }
    return { run: simulatedRun(blocks), trials };
  }

  #trial(
    at: {
      block: number;
      chain: number;
      workload: SimulatedWorkload;
      scenario: string;
      arm?: 'base' | 'head';
    },
    slowdown: number,
  ): OkTrial {
    const name = workloads[at.workload];
    this.#drift[name] += this.model.driftPerTrial[name] * this.noise.normal();
    const generation = Math.floor(at.block / blocksPerGeneration);
    const logarithm =
      this.#drift[name] +
      this.model.trialNoise[name] * this.noise.heavy() +
      this.#creation(`${at.scenario} ${at.arm} ${generation}`) +
      Math.log1p(slowdown);
    this.#order += 1;
    const metric =
      name === 'goodput'
        ? ({ name, unit: 'bit/s', better: 'higher', value: 1e10 * Math.exp(-logarithm) } as const)
        : ({ name, unit: 's', better: 'lower', value: 1e-4 * Math.exp(logarithm) } as const);
    return {
      block: at.block,
      chain: at.chain,
      order: this.#order,
      scenario: at.scenario,
      workload: at.workload,
      generation,
      startedAt: '2026-01-01T00:00:00.000Z',
      wallSeconds: 1.1,
      measuredSeconds: 1,
      warnings: [],
      status: 'ok',
      metrics: [metric],
      cpu: [],
    };
  }

  #creation(key: string): number {
    const known = this.#creations.get(key);
    if (known !== undefined) return known;
    const made = this.model.creationNoise * this.noise.normal();
    this.#creations.set(key, made);
    return made;
  }
}

/** The head of a run that was never on a machine. */
export function simulatedRun(blocks: number): Run {
  const plan: Plan = {
    profile: 'simulated',
    seed: 0,
    blocks,
    blocksPerGeneration,
    scenarios: [baseline, ...simulatedScenarios].map((id) => ({
      id,
      topology: 'cross-host',
      driver: id.slice('cross-host/'.length),
      options: {},
      status: 'ready',
      isBaseline: id === baseline,
    })),
    workloads: workloadIds.map((id) => ({ id, durationSeconds: 1, omitSeconds: 0 })),
    baselines: { 'cross-host': baseline },
    offeredBitsPerSecond: 1e9,
    maxStealShare: 1,
  };
  return {
    schemaVersion,
    id: 'simulated',
    tareVersion: '0',
    label: '',
    startedAt: '2026-01-01T00:00:00.000Z',
    state: 'finished',
    command: 'npm run validate:gate',
    emulated: false,
    plan,
    fingerprints: [],
    pairs: [],
    measuredSeconds: 0,
    wallSeconds: 0,
    warnings: [],
  };
}
