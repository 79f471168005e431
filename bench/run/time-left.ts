import type { Plan, Trial } from '../../results/schema.ts';
import type { PlannedTrial } from '../plan/plan.ts';

/** Foretells how long a run still takes, from what its trials took so far. */
export class TimeLeft {
  readonly #left = new Map<string, number>();
  readonly #seen = new Map<string, { count: number; seconds: number }>();
  readonly #plan: Plan;

  constructor(plan: Plan, todo: readonly PlannedTrial[]) {
    this.#plan = plan;
    for (const trial of todo) this.#left.set(trial.workload, (this.#left.get(trial.workload) ?? 0) + 1);
  }

  ended(trial: Trial): void {
    this.#left.set(trial.workload, (this.#left.get(trial.workload) ?? 1) - 1);
    const seen = this.#seen.get(trial.workload) ?? { count: 0, seconds: 0 };
    this.#seen.set(trial.workload, { count: seen.count + 1, seconds: seen.seconds + trial.wallSeconds });
  }

  /** Seconds until the last trial ends; a workload not seen yet is taken at its planned duration. */
  seconds(): number {
    let total = 0;
    for (const [workload, count] of this.#left) {
      const seen = this.#seen.get(workload);
      const planned = this.#plan.workloads.find((each) => each.id === workload);
      const each = seen
        ? seen.seconds / seen.count
        : (planned?.durationSeconds ?? 0) + (planned?.omitSeconds ?? 0);
      total += count * each;
    }
    return total;
  }
}
