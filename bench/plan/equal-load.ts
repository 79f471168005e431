import { type Topology, topologies } from '../../results/scenario.ts';
import type { Arm, Plan, Trial } from '../../results/schema.ts';
import { median } from '../../results/statistics/order.ts';

/** Of the slowest network's goodput: it must keep up in every trial, and its goodput varies between them. */
const loadShare = 0.8;

/**
 * The rate to offer on every network of a topology in bit/s: four fifths of the median goodput of its slowest scenario
 * (of each arm's, in a live comparison).
 * @param firstPass id of the workload whose goodput tells what a network sustains
 * @param trials those measured so far; warm-up and trials that don't count are left out
 * @returns a topology without any such trial is absent
 */
export function equalLoads(
  plan: Pick<Plan, 'scenarios'>,
  firstPass: string,
  trials: readonly Trial[],
): Partial<Record<Topology, number>> {
  const goodputs = new Map<string, number[]>();
  for (const trial of trials) {
    if (trial.status !== 'ok' || trial.block < 0 || trial.workload !== firstPass) continue;
    const goodput = trial.metrics.find(({ name }) => name === 'goodput')?.value;
    const key = keyOf(trial.scenario, trial.arm);
    if (goodput !== undefined) goodputs.set(key, [...(goodputs.get(key) ?? []), goodput]);
  }
  const slowest = (topology: Topology): number | undefined => {
    const here = plan.scenarios.filter((scenario) => scenario.topology === topology);
    const medians = here.flatMap(({ id, arm }) => {
      const values = goodputs.get(keyOf(id, arm));
      return values ? [median(values)] : [];
    });
    return medians.length > 0 ? Math.min(...medians) : undefined;
  };
  return Object.fromEntries(
    topologies.flatMap((topology) => {
      const rate = slowest(topology);
      return rate === undefined ? [] : [[topology, Math.round(rate * loadShare)]];
    }),
  );
}

const keyOf = (scenario: string, arm: Arm | undefined) => JSON.stringify([scenario, arm]);
