import type { Cpu, OkTrial, RunRecord } from '../../results/schema.ts';
import { hodgesLehmann } from '../../results/statistics/hodges-lehmann.ts';
import { median } from '../../results/statistics/order.ts';
import { isMeasuredBlock, type MeasuredScenario } from '../../results/summary.ts';
import { scenarioName } from '../ranking.ts';
import { shortName } from './overhead-spec.ts';
import type { CpuSpec } from './spec.ts';

/** ok trials of one scenario (and arm) and workload. */
export type TrialIndex = ReadonlyMap<string, readonly OkTrial[]>;

export function indexTrials(record: RunRecord): TrialIndex {
  const index = new Map<string, OkTrial[]>();
  for (const trial of record.trials) {
    if (trial.status !== 'ok' || !isMeasuredBlock(trial)) continue;
    const key = indexKey(trial.scenario, trial.arm, trial.workload);
    const here = index.get(key);
    if (here) here.push(trial);
    else index.set(key, [trial]);
  }
  return index;
}

export function indexKey(scenario: string, arm: string | undefined, workload: string): string {
  return `${scenario}\n${arm ?? ''}\n${workload}`;
}

/**
 * CPU seconds per GB of payload (or per transaction), split by where they were spent: medians over trials of each
 * part. Undefined where no trial has both CPU time and something to divide it by.
 */
export function cpuSpec(
  scenarios: readonly MeasuredScenario[],
  workload: string,
  trials: TrialIndex,
  title: string,
): CpuSpec | undefined {
  let unit: CpuSpec['unit'] = 's/GB';
  const rows = scenarios.flatMap((scenario) => {
    const parts = (trials.get(indexKey(scenario.id, scenario.arm, workload)) ?? []).flatMap((trial) => {
      const perTransaction = (trial.transactions ?? 0) > 0;
      const work = perTransaction ? (trial.transactions ?? 0) : (trial.payloadBytes ?? 0) / 1e9;
      if (work <= 0 || trial.cpu.length === 0) return [];
      unit = perTransaction ? 's/transaction' : 's/GB';
      return [split(trial.cpu, work)];
    });
    if (parts.length === 0) return [];
    return [
      {
        name: shortName(scenarioName(scenario)),
        user: median(parts.map(({ user }) => user)),
        system: median(parts.map(({ system }) => system)),
        softirq: median(parts.map(({ softirq }) => softirq)),
        ...intervalOf(parts.map(({ user, system, softirq }) => user + system + softirq)),
      },
    ];
  });
  return rows.length > 0 ? { kind: 'cpu', title, unit, rows } : undefined;
}

/** Of the sums of trials, made on their logarithms as all intervals are. */
function intervalOf(sums: readonly number[]): { low?: number; high?: number } {
  if (sums.some((sum) => sum <= 0)) return {};
  const { interval } = hodgesLehmann(sums.map(Math.log));
  return interval ? { low: Math.exp(interval.low), high: Math.exp(interval.high) } : {};
}

/** Engines on one machine report the same machine: it is counted once. Hard interrupts go with the soft ones. */
function split(cpu: readonly Cpu[], work: number) {
  const machines = [...new Map(cpu.map((each) => [each.machine, each])).values()];
  const sum = (part: (each: Cpu) => number) => machines.reduce((total, each) => total + part(each), 0) / work;
  return {
    user: sum((each) => each.userSeconds),
    system: sum((each) => each.systemSeconds),
    softirq: sum((each) => each.softirqSeconds + each.irqSeconds),
  };
}
