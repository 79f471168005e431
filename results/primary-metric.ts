import { equalLoadMetric, equalLoadWorkload } from './cpu-metrics.ts';
import type { Plan } from './schema.ts';

/**
 * Whether a metric is what its workload is gated by: the first one, but for the workload that offers one rate to every
 * network, whose goodput is equal by design. One that is measured in some blocks only gates nothing.
 * @param first name of the first metric of the workload
 */
export function isPrimaryMetric(
  { workload, metric, first }: { readonly workload: string; readonly metric: string; readonly first: string },
  plans: readonly Pick<Plan, 'workloads'>[],
): boolean {
  const isOccasional = plans.some(
    (plan) => (plan.workloads.find(({ id }) => id === workload)?.everyBlocks ?? 1) > 1,
  );
  return !isOccasional && metric === (workload === equalLoadWorkload ? equalLoadMetric : first);
}
