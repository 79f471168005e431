import { line } from '../../reports/text.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { installNeeds, machineNeeds } from './machine-needs.ts';

/** `tare setup`: installs what this machine lacks, and says what of it needs root. */
export async function setUp(options: { readonly yes?: boolean }, context: CommandContext): Promise<number> {
  const { missing } = await machineNeeds();
  if (missing.length === 0) {
    context.stdout.write(line`Nothing is missing. See what is ready with \`tare check\`.`);
    return exitCodes.ok;
  }
  return (await installNeeds(options.yes === true)) === 0 ? exitCodes.ok : exitCodes.infrastructure;
}
