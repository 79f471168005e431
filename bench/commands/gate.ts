import { appendFile } from 'node:fs/promises';
import { gateJson } from '../../reports/gate-json.ts';
import { renderGateJunit } from '../../reports/gate-junit.ts';
import { renderGateMarkdown } from '../../reports/gate-markdown.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { compareRuns } from '../../results/compare.ts';
import { Failure } from '../../results/failure.ts';
import { type GateOptions, type GateResult, gateStored } from '../../results/gate.ts';
import { scatterWarnings, withAdvice } from '../../results/gate-advice.ts';
import { gateArms, isLive } from '../../results/gate-run.ts';
import { gating } from '../../results/gating.ts';
import type { Verdict } from '../../results/json-output.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { readRun, type StoredRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import type { RunSummary } from '../../results/summary.ts';
import { readConfig } from '../config/config.ts';
import { type GateFlags, gateOptions } from '../config/gate-config.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { writeTo } from './write-to.ts';

export interface GateCommandOptions extends GateFlags {
  /** The stored run to judge against; without it the run must be a live comparison. */
  readonly baseline?: string;
  readonly config?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly json?: boolean;
}

const exitCodeOf: Readonly<Record<Verdict, number>> = {
  pass: exitCodes.ok,
  improved: exitCodes.ok,
  regressed: exitCodes.regressed,
  inconclusive: exitCodes.inconclusive,
  invalid: exitCodes.infrastructure,
};

/** `tare gate`: the verdict on a run as text, files and exit code. */
export async function gate(
  reference: string,
  options: GateCommandOptions,
  context: CommandContext,
): Promise<number> {
  const file = options.config === undefined ? undefined : (await readConfig(options.config)).gate;
  const settings = gateOptions(options, file);
  const directory = await resolveRun(reference);
  const baselineDirectory = options.baseline === undefined ? undefined : await resolveRun(options.baseline);
  const head = await readRun(directory);
  const base = baselineDirectory === undefined ? undefined : await readRun(baselineDirectory);
  const result = judgeRun(head, base, settings);
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
      context.stderr.write(`warning: GITHUB_STEP_SUMMARY was not written: ${cause.message}\n`);
    });
  }
  context.stdout.write(
    options.json
      ? `${JSON.stringify(gateJson(result, summarise(head, head.warnings)), null, 2)}\n`
      : renderGateTerminal(result, terminalOptions(context.stdout, context.environment)),
  );
  return exitCodeOf[result.verdict];
}

/** @throws Failure `usage` where the run needs a baseline, must not have one, or is given itself */
function judgeRun(head: StoredRun, base: StoredRun | undefined, settings: GateOptions): GateResult {
  if (base === undefined) {
    if (isLive(head)) return withAdvice(gateArms(head, settings), true, head.warnings);
    throw new Failure(
      'usage',
      `Run ${head.run.id} has no arms, so there is nothing to compare it with.`,
      'Give a stored run with --baseline RUN, or compare live: tare run --arm base=FILE --arm head=FILE.',
    );
  }
  const live = [base, head].find(isLive);
  if (live) {
    throw new Failure(
      'usage',
      `Run ${live.run.id} is a live comparison of two arms and cannot stand beside another run.`,
      `Judge it by itself: tare gate ${live.run.id}`,
    );
  }
  if (base.run.id === head.run.id) {
    throw new Failure(
      'usage',
      `Run ${head.run.id} is its own baseline.`,
      'Name an older run with --baseline, or a newer one to be judged.',
    );
  }
  const [was, is] = [summarise(base, base.warnings), summarise(head, head.warnings)];
  return judgeStored(was, is, settings, [...base.warnings, ...head.warnings]);
}

/**
 * Two stored runs judged, with what should be known of how far to trust it.
 * @param warnings what reading the two found odd
 */
export function judgeStored(
  base: RunSummary,
  head: RunSummary,
  settings: GateOptions,
  warnings: readonly string[],
): GateResult {
  const judged = compareRuns(base, head).metrics.filter(gating(settings.metrics).selects);
  return withAdvice(gateStored(base, head, settings), false, [...warnings, ...scatterWarnings(judged)]);
}
