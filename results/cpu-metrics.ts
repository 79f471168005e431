import type { Cpu, Metric, OkTrial, Plan } from './schema.ts';
import { equalLoadMetric, type WorkloadTraits } from './traits.ts';
import { workloadTraitsOf } from './traits-of.ts';

/** Names of the metrics that are derived from the record, not given by a tool. */
export const derivedMetricNames = ['cpu-per-gb', 'cpu-per-transaction', equalLoadMetric] as const;

/**
 * CPU seconds that the distinct machines were busy in a trial: user, system, hard and soft interrupts of every core.
 * Whole machines, since soft interrupts are not charged to the container that causes them.
 */
export function busySeconds(cpu: readonly Cpu[]): number {
  const machines = new Map(cpu.map((each) => [each.machine, each]));
  let seconds = 0;
  for (const { userSeconds, systemSeconds, irqSeconds, softirqSeconds } of machines.values()) {
    seconds += userSeconds + systemSeconds + irqSeconds + softirqSeconds;
  }
  return seconds;
}

/**
 * The CPU cost of a trial: seconds per transaction where the workload counts transactions, else seconds per gigabyte
 * (1e9 bytes) of payload. Nothing where CPU time, or what to divide it by, is unknown or zero.
 * @param traits of the trial's workload
 */
export function cpuMetrics(
  trial: Pick<OkTrial, 'cpu' | 'payloadBytes' | 'transactions'>,
  { atEqualLoadOf }: WorkloadTraits = {},
): Metric[] {
  if (trial.cpu.length === 0) return [];
  const busy = busySeconds(trial.cpu);
  if (trial.transactions !== undefined && trial.transactions > 0) {
    return [
      {
        name: 'cpu-per-transaction',
        unit: 's/transaction',
        better: 'lower',
        value: busy / trial.transactions,
      },
    ];
  }
  // One byte per request and answer: a cost per gigabyte of that would mean nothing, so transactions go first.
  if (trial.payloadBytes === undefined || trial.payloadBytes <= 0) return [];
  const name = atEqualLoadOf ? equalLoadMetric : 'cpu-per-gb';
  return [{ name, unit: 's/GB', better: 'lower', value: (busy / trial.payloadBytes) * 1e9 }];
}

/**
 * All metrics of a trial: the tool's, then the derived ones.
 * @param plan of its run
 */
export function trialMetrics(
  trial: Pick<OkTrial, 'cpu' | 'metrics' | 'payloadBytes' | 'transactions' | 'workload'>,
  plan: Pick<Plan, 'workloads'>,
): readonly Metric[] {
  const derived = cpuMetrics(trial, workloadTraitsOf(plan, trial.workload));
  return derived.length === 0 ? trial.metrics : [...trial.metrics, ...derived];
}
