import type { Scenario, Topology } from '../../results/scenario.ts';
import type { Arm } from '../../results/schema.ts';
import type { Workload } from '../workloads/workload.ts';

/** A scenario that was asked for, in a live comparison with the arm that it belongs to. */
export type WishedScenario = Scenario & { readonly arm?: Arm };

/** What was asked for, before anything is known of the engines. */
export interface Wish {
  readonly scenarios: readonly WishedScenario[];
  readonly workloads: readonly Workload[];
  /** Ids of those that are measured in one block of each generation only. */
  readonly occasional: readonly string[];
  readonly baselines: Readonly<Partial<Record<Topology, string>>>;
}
