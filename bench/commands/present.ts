import { networks } from '../../drivers/registry.ts';
import type { ReportFormat } from '../../reports/formats/format.ts';
import { reportFormats } from '../../reports/formats/registry.ts';
import { renderPaths } from '../../reports/paths.ts';
import { renderTerminal, terminalOptions } from '../../reports/terminal.ts';
import { line } from '../../reports/text.ts';
import { type WrittenReport, writeReport } from '../../reports/write-report.ts';
import { claimRows } from '../../results/claims.ts';
import { readClaims } from '../../results/claims-file.ts';
import { describeFailure } from '../../results/failure.ts';
import type { GateResult } from '../../results/gate.ts';
import { type JsonOutput, jsonOutput } from '../../results/json-output.ts';
import { isLive, judgeRun } from '../../results/judge-run.ts';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun, type StoredRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import type { RunSummary } from '../../results/summary.ts';
import { selectIds } from '../config/selection.ts';
import { workloadById } from '../workloads/registry.ts';
import type { CommandContext } from './command.ts';

export interface PresentOptions {
  /** Folder of the report. */
  readonly out: string;
  /** Print no table, as the caller prints the run's JSON object. */
  readonly json: boolean;
  readonly formats: readonly ReportFormat[];
  /** Also print the path of each scenario and what proves it. */
  readonly explain?: boolean;
}

export interface Presented {
  readonly stored: StoredRun;
  readonly json: JsonOutput;
  /** False where nothing of the report could be made, or a file of it not be written, which has been warned of. */
  readonly isReported: boolean;
}

/** A run read back and reported on. */
export interface ReportedOn {
  readonly stored: StoredRun;
  readonly summary: RunSummary;
  /** Of a live comparison. */
  readonly judged?: GateResult;
  /** Absent where the folder could not be made. */
  readonly written?: WrittenReport;
}

/** Reads a run back and writes its report; what of it can't be written is a warning. */
export async function reportOn(
  directory: string,
  formats: readonly ReportFormat[],
  out: string,
  context: CommandContext,
): Promise<ReportedOn> {
  const stored = await withFunctions(await readRun(directory));
  const summary = summarise(stored, stored.warnings);
  const judged = isLive(stored) ? judgeRun(stored) : undefined;
  const warn = (text: string) => context.stderr.write(line`warning: ${text}`);
  const evidence = await readClaims(directory).catch((error: unknown) => {
    warn(describeFailure(error));
    return undefined;
  });
  const written = await writeReport(summary, stored, formats, out, {
    ...(judged && { judged }),
    networks,
    claims: claimRows(summary, evidence),
    workloadNotes: Object.fromEntries(
      stored.run.plan.workloads
        .flatMap(({ id }) => workloadById(id) ?? [])
        .map((each) => [each.id, { summary: each.summary, caveat: each.caveat }]),
    ),
  }).catch((error: unknown) => {
    warn(`no report: ${describeFailure(error)}`);
    return undefined;
  });
  for (const { format, failure } of written?.skipped ?? [])
    warn(`no ${format} report: ${describeFailure(failure)}`);
  return { stored, summary, ...(judged && { judged }), ...(written && { written }) };
}

/** Reports on a run and prints its table, which does not wait for a disk. */
export async function present(
  directory: string,
  options: PresentOptions,
  context: CommandContext,
): Promise<Presented> {
  const { formats, out } = options;
  const { stored, summary, judged, written } = await reportOn(directory, formats, out, context);
  if (!options.json) {
    const terminal = terminalOptions(context.stdout, context.environment);
    context.stdout.write(renderTerminal(summary, terminal, judged));
    if (options.explain) context.stdout.write(`\n${renderPaths(stored, terminal)}`);
  }
  const isMade = written !== undefined && (written.files.length > 0 || written.skipped.length === 0);
  const isReported = isMade && !written.isUnwritten;
  return { stored, isReported, json: jsonOutput(summary, judged?.verdict) };
}

/** Formats named by a person, separated by commas; all where nothing was said. */
export function formatsFrom(list: string | undefined): readonly ReportFormat[] {
  if (list === undefined) return reportFormats;
  const known = reportFormats.map(({ id }) => id);
  const chosen = selectIds('report format', list.split(','), known);
  return reportFormats.filter(({ id }) => chosen.includes(id));
}
