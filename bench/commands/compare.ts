import { gateJson } from '../../reports/gate-json.ts';
import { renderGateTerminal } from '../../reports/gate-terminal.ts';
import { renderComparisonHtml } from '../../reports/html/comparison.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText, plainText, wrap } from '../../reports/text.ts';
import { compareRuns } from '../../results/compare.ts';
import { defaultRulesOf, judgeRun } from '../../results/judge-run.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { type GateFlags, gateOptions } from '../config/gate-config.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { writeTo } from './write-to.ts';

export interface CompareOptions extends GateFlags {
  readonly html?: string;
  readonly json?: boolean;
}

/**
 * `tare compare A B`: two stored runs side by side.
 * @returns 0 whatever the verdicts; 4 where nothing can be compared
 */
export async function compare(
  baseReference: string,
  headReference: string,
  options: CompareOptions,
  context: CommandContext,
): Promise<number> {
  const base = await withFunctions(await readRun(await resolveRun(baseReference)));
  const head = await withFunctions(await readRun(await resolveRun(headReference)));
  const settings = gateOptions(options, {}, defaultRulesOf(head));
  const [was, is] = [summarise(base, base.warnings), summarise(head, head.warnings)];
  // Two runs are laid side by side whatever they were made of: it is told first.
  const result = judgeRun(head, { rules: { ...settings, acrossRecipes: true }, baseline: base });
  if (options.html !== undefined) {
    await writeTo(options.html, await renderComparisonHtml(result, context.commandLine), '--html');
  }
  const nothing = result.metrics.length === 0;
  if (options.json) {
    context.stdout.write(jsonText(gateJson(result, is)));
  } else {
    const shape = terminalOptions(context.stdout, context.environment);
    context.stdout.write(renderGateTerminal(result, shape));
    const shown = new Set(result.metrics.map((each) => `${each.workload}:${each.metric}`));
    const others = new Set(
      compareRuns(was, is)
        .metrics.map((each) => `${each.workload}:${each.metric}`)
        .filter((id) => !shown.has(id)),
    );
    if (others.size > 0) {
      const text = `Further figures, by --metric: ${[...others].map(plainText).join(', ')}.`;
      context.stdout.write(`${wrap(text, shape.columns).join('\n')}\n`);
    }
  }
  return nothing ? exitCodes.infrastructure : exitCodes.ok;
}
