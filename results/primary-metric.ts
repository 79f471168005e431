import type { Plan } from './schema.ts';
import { workloadTraitsOf } from './traits-of.ts';

/**
 * Whether a metric is what its workload is gated by: the one that the workload says, such as
 * where its goodput is equal by design, else its first. One that is measured in some blocks only gates nothing.
 * @param first name of the first metric of the workload
 */
export function isPrimaryMetric(
  { workload, metric, first }: { readonly workload: string; readonly metric: string; readonly first: string },
  plans: readonly Pick<Plan, 'workloads'>[],
): boolean {
  const isOccasional = plans.some(
    (plan) => (plan.workloads.find(({ id }) => id === workload)?.everyBlocks ?? 1) > 1,
  );
  const [said] = plans.flatMap((plan) => workloadTraitsOf(plan, workload).primaryMetric ?? []);
  return !isOccasional && metric === (said ?? first);
}
