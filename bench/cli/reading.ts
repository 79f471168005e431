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

  tare
    .command('site <run...>')
    .description('a folder of pages that compares stored runs, with a link and a badge for each figure')
    .requiredOption('--out <folder>', 'where to: an empty folder, one that is not there, or a site')
    .option('--format <list>', 'what of each run’s report is on it, separated by commas (default: all)')
    .option('--json', 'print one JSON object: what is on the site, with all links')
    .addHelpText(
      'after',
      '\nNAME=RUN names a run in its links, which so stay where a newer run takes its place.\n\nExamples:\n' +
        '  tare site latest --out site\n  tare site wall=20260801-1230 counted=latest --out docs/sample --format html,md,png\n',
    )
    .action(async (runs, options) => {
      const { makeSite } = await import('../commands/site.ts');
      done(await makeSite(runs, options, context));
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
