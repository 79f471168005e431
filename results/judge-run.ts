import { compareRuns } from './compare.ts';
import { Failure } from './failure.ts';
import { foreignLoadFindings } from './foreign-load.ts';
import { foreignLoadDifferences } from './foreign-load-differences.ts';
import { defaultGateOptions, type GateOptions, type GateResult, gateLive, gateStored } from './gate.ts';
import { scatterWarnings, withAdvice } from './gate-advice.ts';
import { gating } from './gating.ts';
import { lackRefusal } from './held-against-plan.ts';
import { compareArms } from './live.ts';
import type { RunRecord } from './schema.ts';
import { shellWord } from './shell-word.ts';
import { summarise } from './summarise.ts';
import { isMeasuredBlock } from './summary.ts';

/** A run to be judged, with what reading it found odd. */
export type JudgedRun = RunRecord & { readonly warnings?: readonly string[] };

export interface JudgeOptions {
  /** What is judged and how strictly; where absent, as a live run's plan declares, or else Tare's own defaults. */
  readonly rules?: GateOptions;
  /** The stored run to judge against; without it the run must be a live comparison. */
  readonly baseline?: JudgedRun;
}

/** Whether a run has two arms, so that it can be judged by itself. */
export function isLive({ run, trials }: RunRecord): boolean {
  return (
    run.plan.scenarios.some((each) => each.arm !== undefined) || trials.some((each) => each.arm !== undefined)
  );
}

/**
 * The one road to a verdict: whoever tells of it (command, page, table, Markdown, JSON, JUnit) shows what this says.
 * @throws Failure `usage` where a run needs a baseline, or must not have one
 */
export function judgeRun(
  head: JudgedRun,
  { rules = head.run.plan.gate ?? defaultGateOptions, baseline }: JudgeOptions = {},
): GateResult {
  if (baseline) return judgeStored(baseline, head, rules);
  if (isLive(head)) {
    const load = foreignLoadFindings(head.run, head.trials.filter(isMeasuredBlock));
    return withAdvice(judgeArms(head, rules), true, [...load, ...(head.warnings ?? [])]);
  }
  throw new Failure(
    'usage',
    `Run ${head.run.id} has no arms, so there is nothing to compare it with.`,
    'Give a stored run with --baseline RUN, or compare live: tare run --arm base=FILE --arm head=FILE.',
  );
}

function judgeStored(base: JudgedRun, head: JudgedRun, rules: GateOptions): GateResult {
  const live = [base, head].find(isLive);
  if (live) {
    throw new Failure(
      'usage',
      `Run ${live.run.id} is a live comparison of two arms and cannot stand beside another run.`,
      `Judge it by itself: tare gate ${shellWord(live.run.id)}`,
    );
  }
  const [was, is] = [summarise(base, base.warnings), summarise(head, head.warnings)];
  const judged = compareRuns(was, is).metrics.filter(gating(rules.metrics).selects);
  const result = withAdvice(gateStored(was, is, rules), false, [
    ...(base.run.id === head.run.id
      ? [`Both are run ${base.run.id}: of a run beside itself nothing can have changed.`]
      : []),
    ...(base.warnings ?? []),
    ...(head.warnings ?? []),
    ...scatterWarnings(judged),
  ]);
  return { ...result, differences: [...foreignLoadDifferences(base, head), ...result.differences] };
}

/**
 * Judges head against base of one finished live run by the blocks that it has. Where the plan declared looks, at the
 * level of the look at which it ended: a run that stopped early has spent less of alpha.
 */
function judgeArms(record: RunRecord, options: GateOptions): GateResult {
  const { run, trials, missing } = record;
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
  if (missing) {
    const { what, reason, remedy } = lackRefusal(run.id, missing);
    refuse(`the ${what}`, reason, remedy);
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
