import { renderHistoryTerminal } from '../../reports/history-terminal.ts';
import { renderHistoryHtml } from '../../reports/html/history.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText } from '../../reports/text.ts';
import { describeFailure, Failure } from '../../results/failure.ts';
import { history, type MetricHistory } from '../../results/history.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { isLive } from '../../results/judge-run.ts';
import { listRuns, resolveRun } from '../../results/run-lookup.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import type { RunSummary } from '../../results/summary.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { writeTo } from './write-to.ts';

export interface HistoryOptions {
  readonly html?: string;
  readonly json?: boolean;
}

/**
 * `tare history [RUN…]`: how figures went over stored runs. Of runs that were named each must be readable; of all that
 * lie in the folder, those that are not are warned of.
 */
export async function showHistory(
  references: readonly string[],
  options: HistoryOptions,
  context: CommandContext,
): Promise<number> {
  const { summaries, warnings } = await collect(references);
  const histories = history(summaries);
  if (options.html !== undefined) {
    await writeTo(options.html, await renderHistoryHtml(histories), '--html');
  }
  const runs = summaries.map(({ run }) => run.id);
  if (options.json) {
    context.stdout.write(jsonText(jsonDocument('history', { runs, metrics: histories, warnings })));
  } else {
    const shape = terminalOptions(context.stdout, context.environment);
    context.stdout.write(renderHistoryTerminal(primary(histories), { runs: runs.length, warnings }, shape));
  }
  return exitCodes.ok;
}

async function collect(
  references: readonly string[],
): Promise<{ summaries: RunSummary[]; warnings: string[] }> {
  const warnings: string[] = [];
  const summaries: RunSummary[] = [];
  const { runs, unreadable } = references.length > 0 ? { runs: [], unreadable: [] } : await listRuns();
  for (const { reason } of unreadable) warnings.push(`Left out: ${reason}`);
  const directories =
    references.length > 0
      ? await Promise.all(references.map((each) => resolveRun(each)))
      : runs.map((each) => each.directory);
  for (const directory of new Set(directories)) {
    try {
      const stored = await readRun(directory);
      const { id, state, emulated } = stored.run;
      if (isLive(stored)) warnings.push(`Left out: ${id} is a live comparison of two arms.`);
      else if (state !== 'finished') warnings.push(`Left out: ${id} is ${state}, not finished.`);
      else if (emulated) warnings.push(`Left out: ${id} was made under an emulated kernel.`);
      else summaries.push(summarise(stored, stored.warnings));
    } catch (error) {
      if (references.length > 0 || !(error instanceof Failure)) throw error;
      warnings.push(`Left out: ${describeFailure(error)}`);
    }
  }
  return { summaries, warnings };
}

/** The first metric of each workload, as in every table. */
function primary(histories: readonly MetricHistory[]): MetricHistory[] {
  const first = new Map<string, MetricHistory>();
  for (const each of histories) {
    const key = `${each.scenario} ${each.workload}`;
    if (!first.has(key)) first.set(key, each);
  }
  return [...first.values()];
}
