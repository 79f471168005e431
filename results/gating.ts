import type { MetricId, Refusal } from './compare.ts';
import { Failure } from './failure.ts';
import { glob } from './glob.ts';

/** Which figures gate, from the patterns that declare them. */
export interface Gating {
  selects(metric: MetricId & { readonly isPrimary: boolean }): boolean;
  /** Whether something that cannot be compared might have been among them. */
  concerns(refusal: Refusal): boolean;
}

/**
 * Reads the declared gating metrics.
 * @param patterns each `workload:metric` or `scenario:workload:metric`, where `*` stands for any text and `?` for one character; none: the first
 * metric of each workload
 * @throws Failure (usage) for a pattern without a colon
 */
export function gating(patterns: readonly string[]): Gating {
  if (patterns.length === 0)
    return { selects: (metric) => metric.isPrimary, concerns: (refusal) => refusal.scope !== 'metric' };
  const globs = patterns.map((pattern) => {
    const parts = pattern.split(':');
    const metric = parts.pop();
    const workload = parts.pop();
    if (!metric || !workload) {
      throw new Failure(
        'usage',
        `“${pattern}” names no metric.`,
        'Write workload:metric or scenario:workload:metric, such as tcp-stream:goodput.',
      );
    }
    // An option in a scenario's id may hold colons.
    return { scenario: glob(parts.join(':') || '*'), workload: glob(workload), metric: glob(metric) };
  });
  return {
    selects: (id) =>
      globs.some(
        (each) => each.scenario(id.scenario) && each.workload(id.workload) && each.metric(id.metric),
      ),
    concerns: ({ scope, scenario, workload, metric }) =>
      scope === 'run' ||
      globs.some(
        (each) =>
          (scenario === undefined || each.scenario(scenario)) &&
          (workload === undefined || each.workload(workload)) &&
          (metric === undefined || each.metric(metric)),
      ),
  };
}
