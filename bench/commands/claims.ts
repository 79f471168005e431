import { renderClaimsTerminal } from '../../reports/claims-terminal.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText, line } from '../../reports/text.ts';
import { claimRows } from '../../results/claims.ts';
import { readClaims } from '../../results/claims-file.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { warningText } from '../../results/warning-text.ts';
import { type CommandContext, exitCodes } from './command.ts';

/** `tare claims RUN`: the guide's claims with what a stored run says of them; measures nothing. */
export async function claims(
  reference: string,
  options: { readonly json?: boolean },
  context: CommandContext,
): Promise<number> {
  const stored = await readRun(await resolveRun(reference));
  const evidence = await readClaims(stored.directory);
  const rows = claimRows(summarise(stored, stored.warnings), evidence);
  for (const warning of stored.warnings) context.stderr.write(line`warning: ${warningText(warning)}`);
  if (options.json) {
    context.stdout.write(
      jsonText(
        jsonDocument('claims', {
          run: stored.run.id,
          claims: rows,
          warnings: stored.warnings.map(warningText),
        }),
      ),
    );
  } else {
    const shape = terminalOptions(context.stdout, context.environment);
    context.stdout.write(renderClaimsTerminal(rows, stored.run.id, shape));
  }
  return exitCodes.ok;
}
