import type { Command } from 'commander';
import type { CommandContext } from '../commands/command.ts';
import { flagsOf, number, selection } from './options.ts';

/** May be given more than once; a list of words after it would swallow the runs. */
const collected = (text: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  ...text.split(','),
];

function rules(command: Command): Command {
  return command
    .option(
      '--metric <glob>',
      'figures to judge, as workload:metric or scenario:workload:metric with *; may be repeated (default: the first of each workload)',
      collected,
    )
    .option('--delta <share>', 'smallest change that matters, such as 3% or 0.03 (default: 3%)')
    .option('--alpha <probability>', '1 − the confidence of the intervals (default: 0.05)', number);
}

/** The commands that compare and judge stored runs; they need no engine. */
export function addJudging(tare: Command, context: CommandContext, done: (code: number) => void): void {
  rules(tare.command('compare <base> <head>'))
    .description('two runs side by side: what differs about the machines, then the change of each figure')
    .option('--html <file>', 'write a page that needs nothing else')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      '\nExamples:\n  tare compare 20260801-1230 latest\n  tare compare 20260801-1230 latest --metric "*:*" --delta 5%\n',
    )
    .action(async (base, head, options) => {
      const { compare } = await import('../commands/compare.ts');
      done(await compare(base, head, options, context));
    });

  selection(rules(tare.command('gate [run]')))
    .description('judge a run (default: the latest) against a baseline, or the arms of a live run')
    .option('--baseline <run>', 'the stored run or baseline file to judge against; not for a live run')
    .option('--any-change', 'in counted time: pass nothing that differs by more than repeated trials do')
    .option('--across-recipes', 'in counted time: compare machines that are made of other parts')
    .option(
      '--measure',
      'measure now what the baseline holds, by the profile gate, and judge that; implied by --machine',
    )
    .option('--blocks <count>', 'blocks to measure (default: as many as fit ten minutes; counted 2)', number)
    .option('--out <folder>', 'folder of the run that is measured (default: results/runs/<id>)')
    .option('--no-wait', 'refuse, rather than wait, where another run is being measured on this machine')
    .option('--config <file>', 'a bench.yaml whose part "gate" sets the rules; flags go before it')
    .option('--junit <file>', 'write JUnit XML')
    .option('--markdown <file>', 'write Markdown for a pull request')
    .option('--html <file>', 'write a page that needs nothing else')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      '\nExit codes: 0 pass or improved, 1 regressed, 2 usage, 3 inconclusive, 4 invalid.\n' +
        '\nExamples:\n  tare gate --baseline 20260801-1230\n  tare gate                      # the arms of the latest run\n' +
        '  tare gate --measure --baseline main   # measure now, then judge\n' +
        '  tare gate --machine counted --baseline tare-baseline.json\n' +
        '  tare gate --baseline main --metric "*overlay*:tcp-stream:goodput" --delta 5% --junit gate.xml --markdown gate.md\n',
    )
    .action(async (run, options) => {
      const { gate } = await import('../commands/gate.ts');
      done(await gate(run, { ...options, flags: await flagsOf(options) }, context));
    });

  selection(tare.command('baseline'))
    .description(
      'write the small file of counted figures that a team commits and any machine is gated against',
    )
    .option(
      '--from <run>',
      'the run in counted time that it is made of (default: the latest, unless --machine)',
    )
    .option('--config <file>', 'a bench.yaml; flags go before it')
    .option('--blocks <count>', 'blocks to measure (default: 2)', number)
    .option('--out <folder>', 'folder of the run that is measured (default: results/runs/<id>)')
    .option('--no-wait', 'refuse, rather than wait, where another run is being measured on this machine')
    .requiredOption('--write <file>', 'the file, such as tare-baseline.json')
    .addHelpText(
      'after',
      '\nExamples:\n  tare baseline --machine counted --write tare-baseline.json\n  tare baseline --from latest --write tare-baseline.json\n',
    )
    .action(async (options) => {
      const { writeBaseline } = await import('../commands/baseline.ts');
      const { from, write, config, wait } = options;
      done(await writeBaseline({ from, write, config, wait, flags: await flagsOf(options) }, context));
    });

  tare
    .command('history [run...]')
    .description(
      'how figures went over stored runs (default: all of results/runs), and where they seem to have changed',
    )
    .option('--html <file>', 'write a page that needs nothing else')
    .option('--json', 'print one JSON object instead of the table, with every metric')
    .addHelpText('after', '\nExamples:\n  tare history\n  tare history --html history.html\n')
    .action(async (runs, options) => {
      const { showHistory } = await import('../commands/history.ts');
      done(await showHistory(runs, options, context));
    });

  selection(tare.command('calibrate'))
    .description(
      'measure the same configuration in both arms; tell what the gate can see here, and with which plan',
    )
    .option('--from <run>', 'take this stored run of an unchanged network; measure nothing')
    .option('--stored', 'for the gate against a stored run: measure without arms, by the profile gate')
    .option('--config <file>', 'a bench.yaml; flags go before it')
    .option('--blocks <count>', 'blocks to measure (default: 12)', number)
    .option('--duration <seconds>', 'measured seconds of each trial', number)
    .option('--seed <number>', 'seed of the order of trials', number)
    .option('--out <folder>', 'folder of the run (default: results/runs/<id>)')
    .option('--delta <share>', 'smallest change that matters, such as 3% (default: 3%)')
    .option('--alpha <probability>', '1 − the confidence of the intervals (default: 0.05)', number)
    .option('--write <file>', 'put the plan into this bench.yaml; what else it says stays')
    .option('--no-wait', 'refuse, rather than wait, where another run is being measured on this machine')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      '\nExamples:\n  tare calibrate --write bench.yaml\n  tare calibrate --scenario same-host/bridge --blocks 20\n' +
        '  tare calibrate --from latest --delta 5%\n',
    )
    .action(async (options) => {
      const { calibrateHere } = await import('../commands/calibrate.ts');
      done(await calibrateHere({ ...options, flags: await flagsOf(options) }, context));
    });
}
