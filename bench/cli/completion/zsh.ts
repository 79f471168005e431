import type { DescribedCommand, DescribedOption, DescribedParameter } from '../described.ts';
import { type Completed, completed, type KnownWords, quotedWord, withSubcommands } from './known-words.ts';

/** A script for zsh: to be sourced, or to lie as `_tare` in a folder of `fpath`. */
export function zshCompletion(program: DescribedCommand, known: KnownWords): string {
  const functions = withSubcommands(program).map((command) => functionOf(command, known));
  return `#compdef tare
# Completion of tare for zsh: source <(tare completion zsh)

_tare_runs() {
  local -a runs
  runs=(latest results/runs/*/run.json(N:h:t))
  compadd -a runs
}

${functions.join('\n')}
if [[ $funcstack[1] == _tare ]]; then _tare "$@"; else compdef _tare tare; fi
`;
}

const nameOf = ({ path }: DescribedCommand) => `_${path.join('_')}`;

function functionOf(command: DescribedCommand, known: KnownWords): string {
  const options = command.options.map((option) => optionSpec(option, known));
  if (command.commands.length === 0) {
    const parameters = command.parameters.map((parameter) => parameterSpec(parameter, known));
    const more = command.options.filter(({ takes }) => takes === 'many');
    if (more.length > 0) parameters.push(`'*:more:${nameOf(command)}_more'`);
    return `${nameOf(command)}() {
  _arguments -s ${[...options, ...parameters].join(' \\\n    ')}
}
${more.length > 0 ? moreFunction(command, more, known) : ''}`;
  }
  const rows = command.commands.map(({ path, description }) =>
    quotedWord(`${path.at(-1)}:${description.replaceAll(':', '\\:')}`),
  );
  const calls = command.commands.map((each) => `        ${each.path.at(-1)}) ${nameOf(each)} ;;`);
  return `${nameOf(command)}() {
  local curcontext=$curcontext state line
  local -a commands
  _arguments -C ${[...options, "'1:command:->command'", "'*::argument:->argument'"].join(' \\\n    ')}
  case $state in
    command)
      commands=(
        ${rows.join('\n        ')}
      )
      _describe command commands
      ;;
    argument)
      case $line[1] in
${calls.join('\n')}
      esac
      ;;
  esac
}
`;
}

/** For zsh an option takes one word, so what more may follow goes by the last option before it. */
function moreFunction(
  command: DescribedCommand,
  options: readonly DescribedOption[],
  known: KnownWords,
): string {
  const cases = options.map(({ long, values }) => {
    const given = completed(values, known);
    return `    ${long}) ${given.type === 'words' ? `compadd ${given.words.join(' ')}` : action(given)} ;;`;
  });
  return `${nameOf(command)}_more() {
  case \${words[1,CURRENT-1][(R)-*]} in
${cases.join('\n')}
  esac
}
`;
}

/** Words inside the brackets and after the colons of a specification. */
const plain = (text: string) => text.replace(/[[\]:\\]/g, '\\$&');

function action(values: Completed): string {
  switch (values.type) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'run':
      return '_tare_runs';
    case 'nothing':
      return ' ';
  }
}

function optionSpec({ long, description, takes, values }: DescribedOption, known: KnownWords): string {
  const act = action(completed(values, known));
  const name = long.replace(/^-+/, '');
  const tail = {
    nothing: '',
    one: `:${name}:${act}`,
    'maybe one': `::${name}:${act}`,
    many: `:${name}:${act}`,
  }[takes];
  return quotedWord(`${takes === 'many' ? '*' : ''}${long}[${plain(description)}]${tail}`);
}

function parameterSpec({ name, takes, values }: DescribedParameter, known: KnownWords): string {
  return quotedWord(`${takes === 'many' ? '*' : ''}:${name}:${action(completed(values, known))}`);
}
