import type { Argument, Command, Option } from 'commander';

/** A command as it describes itself: what `--help`, the man page and completion are all made from. */
export interface DescribedCommand {
  /** From the program's name on: `['tare', 'lab', 'up']`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly DescribedOption[];
  readonly parameters: readonly DescribedParameter[];
  readonly commands: readonly DescribedCommand[];
  /** As `--help` shows it. */
  readonly usage: string;
  /** What `--help` says after the options: examples, exit codes. */
  readonly afterwards: string;
}

export interface DescribedOption {
  /** As `--help` shows it: `-V, --version`, `--engine <url...>`. */
  readonly flags: string;
  /** With its dashes. */
  readonly long: string;
  readonly description: string;
  readonly takes: 'nothing' | 'one' | 'maybe one' | 'many';
  readonly values: Values;
}

export interface DescribedParameter {
  readonly name: string;
  readonly takes: 'one' | 'many';
  readonly values: Values;
}

/** What may stand there: one of these words, or a kind of thing. */
export type Values = readonly string[] | 'file' | 'folder' | 'run' | 'scenario' | 'workload' | 'anything';

/** What stands in the brackets of an option or a parameter tells what it takes. */
const kinds: Readonly<Record<string, Values>> = {
  file: 'file',
  folder: 'folder',
  run: 'run',
  base: 'run',
  head: 'run',
};

/** The same glob may stand for scenarios or workloads. */
const globs: Readonly<Record<string, Values>> = {
  '--scenario': 'scenario',
  '--workload': 'workload',
  '--occasionally': 'workload',
};

/** Reads a commander program. */
export function describe(command: Command, above: readonly string[] = []): DescribedCommand {
  const help = command.createHelp();
  const path = [...above, command.name()];
  return {
    path,
    description: command.description(),
    options: help.visibleOptions(command).map(describeOption),
    parameters: command.registeredArguments.map((argument) => describeParameter(argument, path)),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .map((each) => describe(each, path)),
    usage: help.commandUsage(command),
    afterwards: textAfterHelp(command),
  };
}

function describeOption(option: Option): DescribedOption {
  const long = option.long ?? option.short ?? '';
  const placeholder = /[<[]([^>\]]*?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1];
  const takes = option.variadic
    ? 'many'
    : option.required
      ? 'one'
      : option.optional
        ? 'maybe one'
        : 'nothing';
  const kind = globs[long] ?? kinds[placeholder ?? ''] ?? 'anything';
  return {
    flags: option.flags,
    long,
    description: option.description,
    takes,
    values: option.argChoices ?? kind,
  };
}

function describeParameter(argument: Argument, path: readonly string[]): DescribedParameter {
  const isWorkload = path.at(-1) === 'workloads';
  const kind = isWorkload ? 'workload' : (kinds[argument.name()] ?? 'anything');
  return {
    name: argument.name(),
    takes: argument.variadic ? 'many' : 'one',
    values: argument.argChoices ?? kind,
  };
}

/** Commander keeps what `addHelpText('after', …)` was given where only its own output shows it. */
function textAfterHelp(command: Command): string {
  let text = '';
  const output = command.configureOutput();
  command.configureOutput({
    writeOut: (written) => {
      text += written;
    },
  });
  command.outputHelp();
  command.configureOutput(output);
  return text.slice(command.helpInformation().length).trim();
}
