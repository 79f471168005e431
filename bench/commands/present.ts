import { renderPaths } from '../../reports/paths.ts';
import { renderTerminal, terminalOptions } from '../../reports/terminal.ts';
import { jsonText, line } from '../../reports/text.ts';
import { type ReportFormat, reportFormats, writeReport } from '../../reports/write-report.ts';
import { claimRows } from '../../results/claims.ts';
import { readClaims } from '../../results/claims-file.ts';
import { jsonOutput } from '../../results/json-output.ts';
import { isLive, judgeRun } from '../../results/judge-run.ts';
import { readRun, type StoredRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { selectIds } from '../config/selection.ts';
import { workloadById } from '../workloads/registry.ts';
import type { CommandContext } from './command.ts';

export interface PresentOptions {
  /** Folder of the report. */
  readonly out: string;
  readonly json: boolean;
  readonly formats: readonly ReportFormat[];
  /** Also print the path of each scenario and what proves it. */
  readonly explain?: boolean;
}

/** Reads a run back, writes its report, and prints its table or its JSON object. */
export async function present(
  directory: string,
  options: PresentOptions,
  context: CommandContext,
): Promise<StoredRun> {
  const stored = await readRun(directory);
  const summary = summarise(stored, stored.warnings);
  const judged = isLive(stored) ? judgeRun(stored) : undefined;
  const { skipped } = await writeReport(summary, stored, options.formats, options.out, {
    ...(judged && { judged }),
    claims: claimRows(summary, await readClaims(directory)),
    workloadNotes: Object.fromEntries(
      stored.run.plan.workloads
        .flatMap(({ id }) => workloadById(id) ?? [])
        .map((each) => [each.id, { summary: each.summary, caveat: each.caveat }]),
    ),
  });
  for (const { format, failure } of skipped) {
    context.stderr.write(line`warning: no ${format} report: ${failure.message} ${failure.remedy}`);
  }
  if (options.json) context.stdout.write(jsonText(jsonOutput(summary, judged?.verdict)));
  else {
    const terminal = terminalOptions(context.stdout, context.environment);
    context.stdout.write(renderTerminal(summary, terminal, judged));
    if (options.explain) context.stdout.write(`\n${renderPaths(stored, terminal)}`);
  }
  return stored;
}

/** Formats named by a person, separated by commas; all where nothing was said. */
export function formatsFrom(list: string | undefined): readonly ReportFormat[] {
  if (list === undefined) return reportFormats;
  return selectIds('report format', list.split(','), reportFormats) as ReportFormat[];
}
