import { outlookLines } from '../../reports/outlook.ts';
import { line } from '../../reports/text.ts';
import { isCounted } from '../../results/clock.ts';
import { type CountedFigures, countedFigures } from '../../results/counted-figures.ts';
import { Failure } from '../../results/failure.ts';
import type { GateResult } from '../../results/gate.ts';
import type { CountedRules } from '../../results/gate-counted.ts';
import { defaultRulesOf, judgeRun } from '../../results/judge-run.ts';
import { confirmed, together } from '../../results/measured-again.ts';
import type { RunRecord } from '../../results/schema.ts';
import { calibrateStored } from '../../results/stored-calibration.ts';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun, type StoredRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import type { ConfigFile } from '../config/config-file.ts';
import type { Flags } from '../config/flags.ts';
import { gateOptions } from '../config/gate-config.ts';
import type { CommandContext } from './command.ts';
import type { GateCommandOptions } from './gate-options.ts';
import { measureToJudge } from './measure-to-judge.ts';

/**
 * Measures what the baseline holds, by the profile `gate`. By the wall clock it says first what can be seen.
 * @throws Failure `usage` where there is no baseline, or one of the other clock
 */
export async function measuredHead(
  base: StoredRun | CountedFigures | undefined,
  options: GateCommandOptions,
  config: ConfigFile | undefined,
  context: CommandContext,
): Promise<StoredRun> {
  if (!base) {
    throw new Failure(
      'usage',
      'there is nothing to judge a new run against',
      'Give a run or a baseline file with --baseline.',
    );
  }
  const counted = (options.flags?.machine ?? config?.machine) !== undefined;
  if (counted !== ('figures' in base || isCounted(base.run))) {
    throw new Failure(
      'usage',
      counted
        ? 'the baseline was measured by the wall clock, and a counted machine is asked for'
        : 'the baseline is in counted time, and no counted machine is asked for',
      counted
        ? 'Write a baseline in counted time: tare baseline --machine counted --write tare-baseline.json'
        : 'Give --machine counted.',
    );
  }
  const usual = usualOf(base);
  if ('run' in base && !counted) tellOutlook(base, options, config, context);
  return withFunctions(await readRun(await measureToJudge(runOf(options), usual, context)));
}

const runOf = ({ config, wait, insecureTcp, labOnUserEngine, flags = {} }: GateCommandOptions) => ({
  ...(config !== undefined && { config }),
  ...{ wait, insecureTcp, labOnUserEngine, flags },
});

/** What the baseline measured is what is measured against it. */
function usualOf(base: StoredRun | CountedFigures): Flags {
  if ('figures' in base) return { profile: 'gate', ...countedUsual(base) };
  const figures = countedFigures(base);
  if (figures) return { profile: 'gate', ...countedUsual(figures) };
  const { scenarios, workloads } = base.run.plan;
  const ready = scenarios.flatMap(({ id, status }) => (status === 'ready' ? [id] : []));
  const gating = workloads.filter(({ everyBlocks = 1 }) => everyBlocks === 1);
  return {
    profile: 'gate',
    scenarios: [...new Set(ready)],
    workloads: gating.map(({ id }) => id),
    ...(gating[0] && { duration: gating[0].durationSeconds }),
  };
}

/** In counted time two trials tell what repeats and what does not. */
const countedUsual = ({ figures }: CountedFigures) => ({
  scenarios: [...new Set(figures.map(({ scenario }) => scenario))],
  workloads: [...new Set(figures.map(({ workload }) => workload))],
  blocks: 2,
});

/** Says, before anything is measured, what a gate against this baseline can see and what more would take. */
function tellOutlook(
  base: StoredRun,
  options: GateCommandOptions,
  config: ConfigFile | undefined,
  context: CommandContext,
): void {
  const rules = gateOptions(options, config?.gate ?? base.run.plan.gate, defaultRulesOf(base));
  const { metrics } = calibrateStored(summarise(base), rules);
  const minutesPerBlock = base.run.wallSeconds / 60 / Math.max(1, base.run.plan.blocks);
  for (const text of outlookLines(metrics, rules, minutesPerBlock)) context.stderr.write(line`${text}`);
}

/**
 * A suspicion, or nothing decided, is measured again before anybody is told of it.
 * @returns the verdict on both; the first one where the second measurement was interrupted
 */
export async function measuredAgain(
  { base, head, first, rules }: { base: StoredRun; head: StoredRun; first: GateResult; rules: CountedRules },
  options: GateCommandOptions,
  context: CommandContext,
): Promise<GateResult> {
  context.stderr.write(line`${first.verdict}: measured again before it is told.`);
  const { out: _, ...flags } = options.flags ?? {};
  const second = await readRun(
    await measureToJudge(
      { ...runOf(options), flags },
      { ...usualOf(base), blocks: head.run.plan.blocks },
      context,
    ),
  );
  if (second.run.state !== 'finished') return { ...first, verdict: 'inconclusive' };
  const judged = (run: RunRecord) => judgeRun(run, { rules, baseline: base });
  return confirmed(judged(together(head, second)), judged(second));
}
