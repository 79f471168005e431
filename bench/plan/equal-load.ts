import { type Topology, topologies } from '../../results/scenario.ts';
import type { Plan, Trial } from '../../results/schema.ts';
import { median } from '../../results/statistics/order.ts';

/** The workload whose figures tell what a network sustains. */
export const firstPass = 'tcp-stream';

/** Of the slowest network's goodput: it must keep up in every trial, and its goodput varies between them. */
const loadShare = 0.8;

/**
 * The rate to offer on every network of a topology in bit/s: four fifths of the median goodput of its slowest scenario.
 * @param trials those measured so far; warm-up and trials that don't count are left out
 * @returns a topology without any such trial is absent
 */
export function equalLoads(
  plan: Pick<Plan, 'scenarios'>,
  trials: readonly Trial[],
): Partial<Record<Topology, number>> {
  const goodputs = new Map<string, number[]>();
  for (const trial of trials) {
    if (trial.status !== 'ok' || trial.block < 0 || trial.workload !== firstPass) continue;
    const goodput = trial.metrics.find(({ name }) => name === 'goodput')?.value;
    if (goodput !== undefined)
      goodputs.set(trial.scenario, [...(goodputs.get(trial.scenario) ?? []), goodput]);
  }
  const slowest = (topology: Topology): number | undefined => {
    const ids = plan.scenarios.filter((scenario) => scenario.topology === topology).map(({ id }) => id);
    const medians = ids.flatMap((id) => {
      const values = goodputs.get(id);
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
