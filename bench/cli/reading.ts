import { type Command, Option } from 'commander';
import { needIds, needs } from '../../results/advice-needs.ts';
import { costMeasureNames } from '../../results/traits.ts';
import type { CommandContext } from '../commands/command.ts';

/** The commands that read one stored run and answer a question from it; they need no engine. */
export function addReading(tare: Command, context: CommandContext, done: (code: number) => void): void {
  tare
    .command('claims <run>')
    .description('the guide’s claims, each confirmed, refuted or not tested here, with the run’s evidence')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      '\nEvidence is made by `tare run --claims`.\n\nExamples:\n  tare claims latest\n  tare claims 20260801-1230 --json\n',
    )
    .action(async (run, options) => {
      const { claims } = await import('../commands/claims.ts');
      done(await claims(run, options, context));
    });

  const advise = tare
    .command('advise')
    .description(
      'the networks that give what you need, cheapest first by a stored run, and what each gives up',
    )
    .option('--run <run>', 'an id, the start of one, "latest" or a path', 'latest');
  for (const id of needIds) advise.option(`--${id}`, `a network that ${needs[id]}`);
  advise
    .addOption(
      new Option('--by <measure>', 'what cost is counted in').choices(costMeasureNames).default('throughput'),
    )
    .option('--json', 'print one JSON object instead of the list')
    .addHelpText(
      'after',
      '\nWithout a need it answers for some that many have.\n\nExamples:\n  tare advise\n  tare advise --multi-host --encrypted\n' +
        '  tare advise --published-ports --isolation --by latency --run 20260801-1230\n',
    )
    .action(async (options) => {
      const { run, by, json } = options;
      const { giveAdvice, needsFrom } = await import('../commands/advise.ts');
      done(await giveAdvice({ run, by, json, needs: needsFrom(options) }, context));
    });
}
