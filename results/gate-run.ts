import { type GateOptions, type GateResult, gateLive } from './gate.ts';
import { compareArms } from './live.ts';
import type { RunRecord } from './schema.ts';

/** Whether a run has two arms, so that it can be judged by itself. */
export function isLive({ run, trials }: RunRecord): boolean {
  return (
    run.plan.scenarios.some((each) => each.arm !== undefined) || trials.some((each) => each.arm !== undefined)
  );
}

/**
 * Judges head against base of one finished live run by the blocks that it has. Where the plan declared looks, at the
 * level of the look at which it ended: a run that stopped early has spent less of alpha.
 */
export function gateArms(record: RunRecord, options: GateOptions): GateResult {
  const { run, trials } = record;
  const comparison = compareArms(record);
  const refusals = [...comparison.refusals];
  const refuse = (what: string, reason: string, remedy: string): void => {
    refusals.unshift({ scope: 'run', what, reason, remedy });
  };
  if (run.emulated) {
    refuse('the kernel', 'the run was made under an emulated kernel', 'Measure on a real machine.');
  }
  if (run.state !== 'finished') {
    refuse(`the run ${run.id}`, `it is ${run.state}, not finished`, `Finish it with --resume ${run.id}.`);
  }
  const live = { ...comparison, refusals };
  const { looks } = run.plan;
  if (!looks) return gateLive(live, options);
  const blocks = Math.max(0, ...trials.map((trial) => trial.block + 1));
  const index = Math.max(
    0,
    looks.findLastIndex((each) => each <= blocks),
  );
  return gateLive(live, options, { index, looks });
}
