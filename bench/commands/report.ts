import { join } from 'node:path';
import { line } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { formatsFrom, present } from './present.ts';

export interface ReportOptions {
  readonly format?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly explain?: boolean;
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
  const formats = formatsFrom(options.format);
  let lacking = false;
  for (const reference of references) {
    const directory = await resolveRun(reference);
    const out = options.out ?? join(directory, 'report');
    const explain = options.explain === true;
    const { isReported } = await present(
      directory,
      { out, json: options.json === true, formats, explain },
      context,
    );
    if (isReported) context.stderr.write(line`Report: ${out}`);
    else lacking = true;
  }
  return lacking ? exitCodes.infrastructure : exitCodes.ok;
}
