import { join } from 'node:path';
import { jsonText, line } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import type { JsonOutput } from '../../results/json-output.ts';
import { jsonDocument } from '../../results/json-schema.ts';
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
  const documents: JsonOutput[] = [];
  for (const reference of references) {
    const directory = await resolveRun(reference);
    const out = options.out ?? join(directory, 'report');
    const explain = options.explain === true;
    const { isReported, json } = await present(
      directory,
      { out, json: options.json === true, formats, explain },
      context,
    );
    documents.push(json);
    if (isReported) context.stderr.write(line`Report: ${out}`);
    else lacking = true;
  }
  const [only] = documents;
  if (options.json && only) {
    const document = documents.length > 1 ? jsonDocument('runs', { runs: documents }) : only;
    context.stdout.write(jsonText(document));
  }
  return lacking ? exitCodes.infrastructure : exitCodes.ok;
}
