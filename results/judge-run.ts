import { isCounted } from './clock.ts';
import { compareRuns, type Refusal } from './compare.ts';
import { type CountedFigures, countedFigures } from './counted-figures.ts';
import { Failure } from './failure.ts';
import { foreignLoadWarnings } from './foreign-load.ts';
import { foreignLoadDifferences } from './foreign-load-differences.ts';
import { defaultGateOptions, type GateOptions, type GateResult, gateLive, gateStored } from './gate.ts';
import { scatterWarnings, withAdvice } from './gate-advice.ts';
import { type CountedRules, countedDelta, gateCounted } from './gate-counted.ts';
import { gating } from './gating.ts';
import { lackRefusal } from './held-against-plan.ts';
import { compareArms } from './live.ts';
import type { RunRecord } from './schema.ts';
import { shellWord } from './shell-word.ts';
import { summarise } from './summarise.ts';
import { isMeasuredBlock } from './summary.ts';
import { warningText } from './warning-text.ts';
import type { FoundWarning } from './warnings.ts';

/** A run to be judged, with what reading it found odd. */
export type JudgedRun = RunRecord & { readonly warnings?: readonly FoundWarning[] };

export interface JudgeOptions {
  /** What is judged and how strictly; where absent, as a live run's plan declares, or else Tare's own defaults. */
  readonly rules?: CountedRules;
  /** The stored run to judge against; without it the run must be a live comparison. */
  readonly baseline?: JudgedRun | CountedFigures;
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
  { rules = head.run.plan.gate ?? defaultRulesOf(head), baseline }: JudgeOptions = {},
): GateResult {
  if (isCounted(head.run)) return judgeCounted(head, baseline, rules);
  if (baseline) {
    if (isFigures(baseline) || isCounted(baseline.run)) throw clocksDiffer();
    return judgeStored(baseline, head, rules);
  }
  if (isLive(head)) {
    const load = foreignLoadWarnings(head.run, head.trials.filter(isMeasuredBlock));
    return withAdvice(judgeArms(head, rules), true, [...load, ...(head.warnings ?? [])].map(warningText));
  }
  throw needsBaseline(head);
}

const needsBaseline = ({ run }: JudgedRun): Failure =>
  new Failure(
    'usage',
    `Run ${run.id} has no arms, so there is nothing to compare it with.`,
    'Give a stored run with --baseline RUN, or compare live: tare run --arm base=FILE --arm head=FILE.',
  );

/** Tare's own rules for a run of its kind. */
export const defaultRulesOf = (head: Pick<RunRecord, 'run'>): GateOptions =>
  isCounted(head.run) ? { ...defaultGateOptions, delta: countedDelta } : defaultGateOptions;

const isFigures = (baseline: JudgedRun | CountedFigures): baseline is CountedFigures => 'figures' in baseline;

const clocksDiffer = (): Failure =>
  new Failure(
    'usage',
    'One of the two was measured in counted time, and the other by the wall clock.',
    'Give two runs of --machine counted (or a file of tare baseline), or two of the wall clock.',
  );

/** Why nothing can be said of a run that is not whole. */
function incompleteRefusals({ run, missing }: RunRecord): Refusal[] {
  const refusals: Refusal[] = [];
  if (run.state !== 'finished') {
    refusals.push({
      scope: 'run',
      what: `the run ${run.id}`,
      reason: `it is ${run.state}, not finished`,
      remedy: `Finish it with --resume ${run.id}.`,
    });
  }
  if (missing) {
    const { what, reason, remedy } = lackRefusal(run.id, missing);
    refusals.push({ scope: 'run', what: `the ${what}`, reason, remedy });
  }
  return refusals;
}

/** In counted time a run is judged by its counts, whether against a run, a baseline file, or its own other arm. */
function judgeCounted(
  head: JudgedRun,
  baseline: JudgedRun | CountedFigures | undefined,
  rules: CountedRules,
): GateResult {
  const [was, is] = baseline
    ? [isFigures(baseline) ? baseline : countedFigures(baseline), countedFigures(head)]
    : [countedFigures(head, 'base'), countedFigures(head, 'head')];
  if (!was || !is) throw clocksDiffer();
  if (!baseline && !isLive(head)) throw needsBaseline(head);
  const named = (arm: string) => (baseline ? {} : { source: `${head.run.id} (${arm})` });
  const runs = [...(baseline && !isFigures(baseline) ? [baseline] : []), head];
  const result = gateCounted(
    { ...was, ...named('base') },
    { ...is, ...named('head') },
    rules,
    runs.flatMap(incompleteRefusals),
  );
  const more = runs.flatMap(({ warnings }) => warnings ?? []).map(warningText);
  return { ...result, warnings: [...new Set([...result.warnings, ...more])] };
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
    ...[...(base.warnings ?? []), ...(head.warnings ?? [])].map(warningText),
    ...scatterWarnings(judged),
  ]);
  return { ...result, differences: [...foreignLoadDifferences(base, head), ...result.differences] };
}

/**
 * Judges head against base of one finished live run by the blocks that it has. Where the plan declared looks, at the
 * level of the look at which it ended: a run that stopped early has spent less of alpha.
 */
function judgeArms(record: RunRecord, options: GateOptions): GateResult {
  const { run, trials } = record;
  const comparison = compareArms(record);
  const emulated: Refusal = {
    scope: 'run',
    what: 'the kernel',
    reason: 'the run was made under an emulated kernel',
    remedy: 'Measure on a real machine.',
  };
  const refusals = [
    ...incompleteRefusals(record).reverse(),
    ...(run.emulated ? [emulated] : []),
    ...comparison.refusals,
  ];
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
