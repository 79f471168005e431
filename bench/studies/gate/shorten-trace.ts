import type { Trial } from '../../../results/schema.ts';

/** A trial with nothing in it but what a gate reads: its place, its outcome and its first figure. */
export function shortened(trial: Trial): Trial {
  const { block, order, chain, scenario, workload, generation, startedAt, wallSeconds, measuredSeconds } =
    trial;
  const base = {
    ...{ block, order, chain, scenario, workload, generation, startedAt, wallSeconds, measuredSeconds },
    ...(trial.arm ? { arm: trial.arm } : {}),
    warnings: [],
  };
  if (trial.status === 'failed') return { ...base, status: 'failed', reason: trial.reason };
  const measured = { ...base, metrics: trial.metrics.slice(0, 1), cpu: [] };
  if (trial.status === 'invalid') return { ...measured, status: 'invalid', reason: trial.reason };
  return { ...measured, status: 'ok' };
}
