import { Command, CommanderError, Option } from 'commander';
import { jsonText, plainText } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import { shellWord } from '../../results/shell-word.ts';
import { type CommandContext, exitCodes } from '../commands/command.ts';
import { Unfinished } from '../commands/unfinished.ts';
import { tareVersion } from '../commands/version.ts';
import { profileNames } from '../config/profiles.ts';
import { sweepKinds } from '../config/sweep-kinds.ts';
import { commandLineOf } from './command-line.ts';
import { runToItsEnd } from './ending.ts';
import { addJudging } from './judging.ts';
import { knownFault } from './known-fault.ts';
import { flagsOf, insecureTcpText, labOnUserEngineText, number, selection } from './options.ts';
import { printer } from './printer.ts';
import { addReading } from './reading.ts';
import { addShelving } from './shelving.ts';

// A command's own code is loaded when it is called: what no command needs should not keep `--help` waiting.
function program(context: CommandContext, done: (code: number) => void): Command {
  const tare = new Command('tare')
    .description('Weighs the container network: what each Docker network costs against the host network.')
    .version(tareVersion)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showHelpAfterError(false)
    .addHelpText(
      'after',
      '\nExit codes: 0 pass or improved, 1 regressed and nothing else, 2 usage, 3 inconclusive,\n' +
        '4 invalid or the infrastructure failed, 130 interrupted.\n' +
        '\nEnvironment: TARE_STATE names the folder for what Tare keeps between runs (default:\n' +
        '~/.local/state/tare), TARE_DEBUG=1 shows where an unforeseen fault happened, NO_COLOR is\n' +
        'obeyed, and DOCKER_HOST, DOCKER_CONTEXT, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH mean what\n' +
        'they mean to docker.\n',
    );

  for (const [name, description] of [
    ['check', 'tell what is ready to be measured here, what is not, and why; nothing stays behind'],
    ['doctor', 'the same as check, with what to do first: each remedy once, and what it makes ready'],
  ] as const) {
    selection(tare.command(name))
      .description(description)
      .option('--json', 'print one JSON object')
      .option('--rebuild-images', 'make Tare’s images anew, from today’s packages')
      .addHelpText(
        'after',
        `\nExamples:\n  tare ${name}\n  tare ${name} --engine ssh://me@one --engine ssh://me@two\n`,
      )
      .action(async (options) => {
        const asked = { ...options, flags: await flagsOf(options) };
        const commands = {
          check: async () => (await import('../commands/check.ts')).check,
          doctor: async () => (await import('../commands/doctor.ts')).doctor,
        };
        done(await (await commands[name]())(asked, context));
      });
  }

  selection(tare.command('run'))
    .description('measure, verify, record, print the table and write the report')
    .addOption(new Option('--profile <name>', 'how much to measure').choices(profileNames))
    .option('--config <file>', 'a bench.yaml; flags go before it')
    .option(
      '--untrusted-config',
      'the files of --config and --arm may be a stranger’s: they name no engine, lab or folder, and ask for bounded work',
    )
    .addOption(
      new Option('--sweep <setting>', 'vary message size, MTU or number of streams (of tcp-stream)').choices(
        sweepKinds,
      ),
    )
    .option('--occasionally <glob...>', 'workloads to run in one block of each generation of containers only')
    .option('--equal-load', 'also measure CPU time per GB where all networks carry one rate')
    .option('--blocks <count>', 'blocks to measure', number)
    .option('--duration <seconds>', 'measured seconds of each trial', number)
    .option('--seed <number>', 'seed of the order of trials', number)
    .option('--label <text>', 'a name for people')
    .option('--out <folder>', 'folder of this run (default: results/runs/<id>)')
    .option('--resume <run>', 'go on with an unfinished run: an id, the start of one, "latest" or a path')
    .option('--no-wait', 'refuse, rather than wait, where another run is being measured on this machine')
    .option('--arm <name=file...>', 'compare two sets of scenarios live: base=FILE and head=FILE')
    .option('--claims', 'also measure what the guide’s claims need, and try those that can be tried')
    .option('--explain', 'also print the path of each scenario, hop by hop, and what proves it')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      '\nExamples:\n  tare run\n  tare run --profile standard --label "before the kernel upgrade"\n' +
        '  tare run --scenario "*overlay*" --workload tcp-stream --blocks 12\n' +
        '  tare run --sweep size --scenario same-host/bridge "*overlay*"\n' +
        '  tare run --engine ssh://me@one --engine ssh://me@two --scenario "cross-host/*"\n  tare run --resume latest\n',
    )
    .action(async (options) => {
      const { run } = await import('../commands/run.ts');
      done(await run({ ...options, arms: options.arm, flags: await flagsOf(options) }, context));
    });

  tare
    .command('workloads [glob...]')
    .description('what each workload does, its warm-up and duration, and what its figure can’t tell')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  tare workloads\n  tare workloads "rtt*"\n')
    .action(async (patterns, options) => {
      const { listWorkloads } = await import('../commands/workloads.ts');
      done(await listWorkloads(patterns, options, context));
    });

  tare
    .command('report <run...>')
    .description('render stored runs again')
    .option('--format <list>', 'html, md, png, csv, json, openmetrics, separated by commas (default: all)')
    .option('--out <folder>', 'where to (default: the run’s own folder)')
    .option('--explain', 'also print the path of each scenario, hop by hop, and what proves it')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      '\nExamples:\n  tare report latest\n  tare report latest --format html,png --out ~/report\n',
    )
    .action(async (runs, options) => {
      const { report } = await import('../commands/report.ts');
      done(await report(runs, options, context));
    });

  addReading(tare, context, done);
  addJudging(tare, context, done);

  const lab = tare
    .command('lab')
    .description('the lab by itself: engines in containers, joined into a swarm');
  for (const [name, description, act] of [
    ['up', 'bring it up; it stays until `tare lab down`', 'labUpCommand'],
    ['status', 'tell whether it is up', 'labStatusCommand'],
    ['down', 'take it down', 'labDownCommand'],
  ] as const) {
    lab
      .command(name)
      .description(description)
      .option('--nodes <count>', 'number of engines', number, 2)
      .option('--lab-on-user-engine', labOnUserEngineText)
      .option('--json', 'print one JSON object')
      .addHelpText('after', `\nExample:\n  tare lab ${name}\n`)
      .action(async (options) => {
        const commands = await import('../commands/lab.ts');
        done(await commands[act](options, context));
      });
  }

  tare
    .command('clean')
    .description('remove what killed runs of this state folder left; what lives is named and left')
    .option('--engine <url...>', 'engines to clean (default: the reachable one and Tare’s own)', [])
    .option('--insecure-tcp', insecureTcpText)
    .option(
      '--all',
      'also what other state folders and an older Tare left, and counted machines that are kept; what is seen to live stays',
    )
    .option('--dry-run', 'tell what would go; remove nothing')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  tare clean\n  tare clean --dry-run --all\n  tare clean --engine ssh://me@one\n',
    )
    .action(async (options) => {
      const { clean } = await import('../commands/clean.ts');
      done(await clean(options, context));
    });

  tare
    .command('setup')
    .description('install what this machine lacks for a run; asks first, and says what needs root')
    .option('--yes', 'install without asking')
    .addHelpText('after', '\nExamples:\n  tare setup\n  sudo tare setup --yes\n')
    .action(async (options) => {
      const { setUp } = await import('../commands/setup.ts');
      done(await setUp(options, context));
    });

  addShelving(tare, context, done);

  for (const command of [...tare.commands, ...lab.commands])
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  return tare;
}

/** Commands that make things which have to be taken back; a signal lets them do so. */
const holding = ['run', 'gate', 'baseline', 'calibrate', 'check', 'doctor', 'up', 'down', 'clean'];

interface Explained {
  /** Cause and remedy in a sentence each; absent where nothing went wrong, as after `--help`. */
  readonly message?: string;
  readonly remedy?: string;
  readonly exitCode: 0 | 2 | 4;
}

/** What is told of an error, and the exit code; the only place where errors become text. */
function explained(error: unknown): Explained {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { exitCode: exitCodes.ok };
    const message = error.message.replace(/^error: /, '');
    return { message, remedy: 'Try `tare --help`.', exitCode: exitCodes.usage };
  }
  if (error instanceof Unfinished) return explainedUnfinished(error);
  const fault = error instanceof Failure ? error : knownFault(error);
  if (fault) {
    const { message, remedy, kind } = fault;
    return { message, remedy, exitCode: kind === 'usage' ? exitCodes.usage : exitCodes.infrastructure };
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    remedy: 'This was not foreseen: set TARE_DEBUG=1 to see where it happened, and report it.',
    exitCode: exitCodes.infrastructure,
  };
}

/** What ended a run that has a record: it was begun, so this is no matter of usage, and it can be gone on with. */
function explainedUnfinished({ runId, cause }: Unfinished): Explained {
  const fault = cause instanceof Failure ? cause : knownFault(cause);
  const message = fault?.message ?? (cause instanceof Error ? cause.message : String(cause));
  // Whatever else is advised, going on with another run is not.
  const remedy = fault && !fault.saysHowToGoOn ? `${fault.remedy} ` : '';
  const goOn = `Go on with \`tare run --resume ${shellWord(runId)}\`.`;
  return { message, remedy: `${remedy}${goOn}`, exitCode: exitCodes.infrastructure };
}

/** One line with cause and remedy. @returns the exit code */
function explain(error: unknown): number {
  const { message, remedy = '', exitCode } = explained(error);
  if (message === undefined) return exitCode;
  stderr.write(`tare: ${plainText(message.trim().replace(/\.$/, ''))}. ${plainText(remedy)}\n`);
  const origin = error instanceof Unfinished ? error.cause : error;
  const isForeseen = origin instanceof Failure || origin instanceof CommanderError;
  if (process.env.TARE_DEBUG && origin instanceof Error && !isForeseen) stderr.write(`${origin.stack}\n`);
  return exitCode;
}

/** Whoever asked for JSON gets a document, whatever hindered the command: one that it printed, or else this. */
async function explainInJson(error: unknown, isInterrupted: boolean): Promise<void> {
  const { message, remedy = '', exitCode } = explained(error);
  if (stdout.isUsed || message === undefined || exitCode === exitCodes.ok) return;
  if (!process.argv.includes('--json')) return;
  const { jsonDocument } = await import('../../results/json-schema.ts');
  const code = isInterrupted ? exitCodes.interrupted : exitCode;
  stdout.write(jsonText(jsonDocument('error', { exitCode: code, message: message.trim(), remedy })));
}

const [stdout, stderr] = [printer(process.stdout), printer(process.stderr)];
let running: string | undefined;
runToItsEnd(
  async (signal) => {
    const context: CommandContext = {
      stdout,
      stderr,
      signal,
      environment: process.env,
      commandLine: commandLineOf({
        argv: process.argv,
        execArgv: process.execArgv,
        environment: process.env,
      }),
    };
    let exitCode: number = exitCodes.ok;
    const tare = program(context, (code) => {
      exitCode = code;
    });
    tare.hook('preAction', (_, command) => {
      running = command.name();
    });
    try {
      await tare.parseAsync(process.argv);
    } catch (error) {
      await explainInJson(error, signal.aborted);
      throw error;
    }
    return exitCode;
  },
  () => running === undefined || !holding.includes(running),
  explain,
);
