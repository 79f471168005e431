import { appendFile } from 'node:fs/promises';
import { gateJson } from '../../reports/gate-json.ts';
import { renderGateJunit } from '../../reports/gate-junit.ts';
import { renderGateMarkdown } from '../../reports/gate-markdown.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText, line } from '../../reports/text.ts';
import { isCounted } from '../../results/clock.ts';
import { Failure } from '../../results/failure.ts';
import type { Verdict } from '../../results/json-output.ts';
import { defaultRulesOf, judgeRun } from '../../results/judge-run.ts';
import { wantsMeasuringAgain } from '../../results/measured-again.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { readConfig } from '../config/config-file.ts';
import { gateOptions } from '../config/gate-config.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { measuredAgain, measuredHead } from './gate-measuring.ts';
import type { GateCommandOptions } from './gate-options.ts';
import { readBaseline } from './read-baseline.ts';
import { writeTo } from './write-to.ts';

const exitCodeOf: Readonly<Record<Verdict, number>> = {
  pass: exitCodes.ok,
  improved: exitCodes.ok,
  regressed: exitCodes.regressed,
  inconclusive: exitCodes.inconclusive,
  invalid: exitCodes.infrastructure,
};

/**
 * `tare gate`: the verdict on a run as text, files and exit code.
 * @param reference the run; absent where it is measured first, else the latest
 */
export async function gate(
  reference: string | undefined,
  options: GateCommandOptions,
  context: CommandContext,
): Promise<number> {
  const config = options.config === undefined ? undefined : await readConfig(options.config);
  const base = options.baseline === undefined ? undefined : await readBaseline(options.baseline);
  const measuring = options.measure || (options.flags?.machine ?? config?.machine) !== undefined;
  if (measuring && reference !== undefined) {
    throw new Failure(
      'usage',
      'a run that is measured now can’t be one that is there',
      'Name the run, or leave it away and measure (--measure, --machine counted).',
    );
  }
  const measured = measuring ? await measuredHead(base, options, config, context) : undefined;
  if (measured?.run.state === 'interrupted') return exitCodes.interrupted;
  const head = measured ?? (await withFunctions(await readRun(await resolveRun(reference ?? 'latest'))));
  if (base && 'run' in base && base.run.id === head.run.id) {
    throw new Failure(
      'usage',
      `Run ${head.run.id} is its own baseline.`,
      'Name an older run with --baseline, or a newer one to be judged.',
    );
  }
  refuseCountedRules(options, isCounted(head.run));
  const { anyChange, acrossRecipes } = options;
  const rules = {
    ...gateOptions(options, config?.gate ?? head.run.plan.gate, defaultRulesOf(head)),
    ...(anyChange !== undefined && { anyChange }),
    ...(acrossRecipes !== undefined && { acrossRecipes }),
  };
  const first = judgeRun(head, { rules, ...(base && { baseline: base }) });
  const again = measured && base && 'run' in base && !isCounted(head.run) && wantsMeasuringAgain(first);
  const result = again ? await measuredAgain({ base, head, first, rules }, options, context) : first;
  const markdown = renderGateMarkdown(result);
  if (options.junit !== undefined) await writeTo(options.junit, renderGateJunit(result), '--junit');
  if (options.markdown !== undefined) await writeTo(options.markdown, markdown, '--markdown');
  if (options.html !== undefined) {
    await writeTo(options.html, await renderComparisonHtml(result, context.commandLine), '--html');
  }
  const stepSummary = context.environment.GITHUB_STEP_SUMMARY;
  if (stepSummary) {
    // A summary that cannot be written must not turn a verdict into a failure.
    await appendFile(stepSummary, markdown).catch((cause: Error) => {
      context.stderr.write(line`warning: GITHUB_STEP_SUMMARY was not written: ${cause.message}`);
    });
  }
  context.stdout.write(
    options.json
      ? jsonText(gateJson(result, summarise(head, head.warnings)))
      : renderGateTerminal(result, terminalOptions(context.stdout, context.environment)),
  );
  return exitCodeOf[result.verdict];
}

/** @throws Failure `usage` where a rule means nothing by the wall clock */
function refuseCountedRules({ anyChange, acrossRecipes }: GateCommandOptions, counted: boolean): void {
  const flag = anyChange ? '--any-change' : acrossRecipes ? '--across-recipes' : undefined;
  if (counted || flag === undefined) return;
  throw new Failure(
    'usage',
    `${flag} is for runs in counted time, and this one was measured by the wall clock`,
    'Leave it away, or measure with --machine counted.',
  );
}
