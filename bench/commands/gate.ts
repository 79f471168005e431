import { appendFile } from 'node:fs/promises';
import { gateJson } from '../../reports/gate-json.ts';
import { renderGateJunit } from '../../reports/gate-junit.ts';
import { renderGateMarkdown } from '../../reports/gate-markdown.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText, line } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import type { Verdict } from '../../results/json-output.ts';
import { judgeRun } from '../../results/judge-run.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { readConfig } from '../config/config-file.ts';
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
  const directory = await resolveRun(reference);
  const baselineDirectory = options.baseline === undefined ? undefined : await resolveRun(options.baseline);
  const head = await readRun(directory);
  const base = baselineDirectory === undefined ? undefined : await readRun(baselineDirectory);
  if (base?.run.id === head.run.id) {
    throw new Failure(
      'usage',
      `Run ${head.run.id} is its own baseline.`,
      'Name an older run with --baseline, or a newer one to be judged.',
    );
  }
  const settings = gateOptions(options, file ?? head.run.plan.gate);
  const result = judgeRun(head, { rules: settings, ...(base && { baseline: base }) });
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
