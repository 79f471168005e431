import type { GatedMetric, GateResult } from './gate.ts';
import { figureKey } from './metric-key.ts';
import type { RunRecord, Trial } from './schema.ts';
import { overallVerdict } from './verdict.ts';

/**
 * Two runs of one plan as one, the second's blocks behind the first's: more blocks of the same.
 * @param first whose head stands for both
 */
export function together(first: RunRecord, second: RunRecord): RunRecord {
  const after = (key: 'block' | 'order' | 'generation'): number =>
    first.trials.reduce((most, trial) => Math.max(most, trial[key] + 1), 0);
  const [blocks, orders, generations] = [after('block'), after('order'), after('generation')];
  const moved = second.trials
    .filter(({ block }) => block >= 0)
    .map(
      (trial): Trial => ({
        ...trial,
        block: trial.block + blocks,
        order: trial.order + orders,
        generation: trial.generation + generations,
      }),
    );
  const { run } = first;
  return {
    ...first,
    run: {
      ...run,
      id: `${run.id} and ${second.run.id}`,
      plan: { ...run.plan, blocks: run.plan.blocks + second.run.plan.blocks },
      measuredSeconds: run.measuredSeconds + second.run.measuredSeconds,
      wallSeconds: run.wallSeconds + second.run.wallSeconds,
    },
    trials: [...first.trials, ...moved],
  };
}

/** Whether a verdict is one to measure again for, before anybody is told: a suspicion, or nothing decided. */
export const wantsMeasuringAgain = ({ verdict }: GateResult): boolean =>
  verdict === 'regressed' || verdict === 'inconclusive';

/**
 * The verdict on both measurements. A regression is raised where the second alone calls it, too: a bad hour of the
 * machine does not come back in the same figure.
 * @param both of the two together
 * @param second of the second alone
 */
export function confirmed(both: GateResult, second: GateResult): GateResult {
  if (both.verdict === 'invalid') return both;
  const again = new Map(second.metrics.map((each) => [figureKey(each), each.verdict]));
  const metrics = both.metrics.map((metric): GatedMetric => {
    if (metric.verdict !== 'regressed' || again.get(figureKey(metric)) === 'regressed') return metric;
    return { ...metric, verdict: 'inconclusive', undecided: 'not-seen-again' };
  });
  return { ...both, metrics, verdict: overallVerdict(metrics.map(({ verdict }) => verdict)) };
}
