import type { DescribedCommand, DescribedOption } from '../described.ts';
import { type Completed, completed, type KnownWords, withSubcommands } from './known-words.ts';

/** A script for fish 3 and later. */
export function fishCompletion(program: DescribedCommand, known: KnownWords): string {
  const commands = withSubcommands(program);
  const paths = commands.slice(1).map(({ path }) => quoted(path.join(' ')));
  return `# Completion of tare for fish: tare completion fish | source
function __tare_at
    set -l at tare
    for word in (commandline -opc)[2..-1]
        contains -- "$at $word" ${paths.join(' ')}
        and set at "$at $word"
    end
    test "$at" = "$argv[1]"
end

function __tare_behind
    __tare_at $argv[1]
    and test "$(string match -- '-*' (commandline -opc))[-1]" = "$argv[2]"
end

function __tare_runs
    echo latest
    for run in results/runs/*/run.json
        basename (dirname $run)
    end
end

complete -c tare -e
complete -c tare -f
${commands.map((command) => linesOf(command, known)).join('\n')}
`;
}

const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;

function linesOf(command: DescribedCommand, known: KnownWords): string {
  const here = `complete -c tare -n ${quoted(`__tare_at '${command.path.join(' ')}'`)}`;
  const [first] = command.parameters;
  return [
    ...command.commands.map(({ path, description }) => `${here} -a ${path.at(-1)} -d ${quoted(description)}`),
    ...(first && command.commands.length === 0 ? parameterLines(here, completed(first.values, known)) : []),
    ...command.options.map((option) => `${here} ${optionWords(option, known)}`),
    ...command.options.flatMap((option) => moreLines(command, option, known)),
  ].join('\n');
}

function parameterLines(here: string, values: Completed): string[] {
  const words = wordsOf(values);
  return words === undefined ? [] : [`${here} ${words}`];
}

/** For fish an option takes one word, so what more may follow is given by itself. */
function moreLines(
  { path }: DescribedCommand,
  { long, takes, values }: DescribedOption,
  known: KnownWords,
): string[] {
  const behind = `__tare_behind '${path.join(' ')}' ${long}`;
  return takes === 'many'
    ? parameterLines(`complete -c tare -n ${quoted(behind)}`, completed(values, known))
    : [];
}

/** How the words are given; undefined where there are none to give. */
function wordsOf(values: Completed): string | undefined {
  switch (values.type) {
    case 'words':
      return `-a ${quoted(values.words.join(' '))}`;
    case 'file':
      return '-F';
    case 'folder':
      return "-a '(__fish_complete_directories)'";
    case 'run':
      return "-a '(__tare_runs)'";
    case 'nothing':
      return undefined;
  }
}

function optionWords({ long, description, takes, values }: DescribedOption, known: KnownWords): string {
  const name = `-l ${long.replace(/^-+/, '')} -d ${quoted(description)}`;
  if (takes === 'nothing' || takes === 'maybe one') return name;
  const given = completed(values, known);
  return [name, given.type === 'file' ? '-r' : '-x', wordsOf(given) ?? ''].join(' ').trim();
}
