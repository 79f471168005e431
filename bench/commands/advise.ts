import { networks } from '../../drivers/registry.ts';
import { renderAdviceTerminal } from '../../reports/advice-terminal.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText, line } from '../../reports/text.ts';
import { advise } from '../../results/advice.ts';
import { type NeedId, needIds, readyNeeds } from '../../results/advice-needs.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import type { CostMeasure } from '../../results/traits.ts';
import { warningText } from '../../results/warning-text.ts';
import { type CommandContext, exitCodes } from './command.ts';

export interface AdviseOptions {
  /** A run's id, the start of one, `latest` or a path. */
  readonly run: string;
  readonly by: CostMeasure;
  readonly json?: boolean;
  /** Needs by their ids; none asks for the ready ones. */
  readonly needs: readonly NeedId[];
}

/** `tare advise`: the networks that give what is needed, by what they cost in a stored run; measures nothing. */
export async function giveAdvice(options: AdviseOptions, context: CommandContext): Promise<number> {
  const stored = await readRun(await resolveRun(options.run));
  const summary = summarise(stored, stored.warnings);
  for (const warning of stored.warnings) context.stderr.write(line`warning: ${warningText(warning)}`);
  const advised =
    options.needs.length > 0
      ? [{ advice: advise(summary, options.needs, options.by, networks) }]
      : readyNeeds.map(({ title, needs }) => ({
          title,
          advice: advise(summary, needs, options.by, networks),
        }));
  if (options.json) {
    const advice = advised.map((each) =>
      'title' in each ? { title: each.title, ...each.advice } : each.advice,
    );
    context.stdout.write(
      jsonText(
        jsonDocument('advice', { run: stored.run.id, advice, warnings: stored.warnings.map(warningText) }),
      ),
    );
  } else {
    const shape = terminalOptions(context.stdout, context.environment);
    context.stdout.write(renderAdviceTerminal(advised, shape));
  }
  return exitCodes.ok;
}

/** The needs whose flags were given; commander names `--multi-host` multiHost. */
export function needsFrom(options: Readonly<Record<string, unknown>>): NeedId[] {
  return needIds.filter((id) => options[id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]);
}
