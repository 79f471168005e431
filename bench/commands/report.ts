import { join } from 'node:path';
import { renderTerminal, terminalOptions } from '../../reports/terminal.ts';
import { writeReport } from '../../reports/write-report.ts';
import { Failure } from '../../results/failure.ts';
import { jsonOutput } from '../../results/json-output.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { workloadNotes } from '../workloads/registry.ts';
import { type CommandContext, exitCodes } from './command.ts';

export interface ReportOptions {
  readonly format?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `tare report RUN…`: renders stored runs again; measures nothing. */
export async function report(
  references: readonly string[],
  options: ReportOptions,
  context: CommandContext,
): Promise<number> {
  if (options.out && references.length > 1) {
    throw new Failure(
      'usage',
      '--out takes one run',
      'Leave --out away: each report goes into its run’s folder.',
    );
  }
  for (const reference of references) {
    const directory = await resolveRun(reference);
    const stored = await readRun(directory);
    const summary = summarise(stored, stored.warnings);
    const out = options.out ?? join(directory, 'report');
    const written = await writeReport(stored, summary, out, {
      workloadNotes,
      ...(options.format ? { formats: options.format.split(',') } : {}),
    });
    for (const warning of written.warnings) context.stderr.write(`warning: ${warning}\n`);
    if (options.json) context.stdout.write(`${JSON.stringify(jsonOutput(summary), null, 2)}\n`);
    else context.stdout.write(renderTerminal(summary, terminalOptions(context.stdout, context.environment)));
    context.stderr.write(`Report: ${out}\n`);
  }
  return exitCodes.ok;
}
