import type { DescribedCommand } from '../described.ts';
import { type Completed, completed, type KnownWords, quotedWord, withSubcommands } from './known-words.ts';

/** A script for bash 3.2 and later. */
export function bashCompletion(program: DescribedCommand, known: KnownWords): string {
  const commands = withSubcommands(program);
  const pathOf = ({ path }: DescribedCommand) => path.join(' ');
  const below = commands.slice(1).map((each) => quotedWord(pathOf(each)));
  const kindOf = (values: Completed) =>
    values.type === 'words' ? quotedWord(`words ${values.words.join(' ')}`) : values.type;
  const ofOptions = commands.flatMap((command) =>
    command.options.flatMap(({ long, takes, values }) => {
      if (takes === 'nothing') return [];
      const set = `kind=${kindOf(completed(values, known))}`;
      // What more may follow is the option's as well, until the next option.
      const when = takes === 'many' ? '' : '[[ $previous == "$option" ]] && ';
      return [`    ${quotedWord(`${pathOf(command)} ${long}`)}) ${when}${set} ;;`];
    }),
  );
  const ofParameters = commands.flatMap((command) => {
    const [first] = command.parameters;
    const words: Completed | undefined =
      command.commands.length > 0
        ? { type: 'words', words: command.commands.map(({ path }) => path.at(-1) ?? '') }
        : first && completed(first.values, known);
    return words ? [`      ${quotedWord(pathOf(command))}) kind=${kindOf(words)} ;;`] : [];
  });
  const options = commands.map(
    (command) =>
      `      ${quotedWord(pathOf(command))}) words=${quotedWord(command.options.map(({ long }) => long).join(' '))} ;;`,
  );
  return `# Completion of tare for bash: source <(tare completion bash)
_tare() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local path=tare option='' kind='' words='' word at IFS=$' \\t\\n'
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case $word in
      -*) option=$word ;;
      *)
        case "$path $word" in
          ${below.join('|')}) path="$path $word" option='' ;;
        esac
        ;;
    esac
  done
  if [[ $current == -* ]]; then
    case $path in
${options.join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$path $option" in
${ofOptions.join('\n')}
  esac
  if [[ -z $kind ]]; then
    case $path in
${ofParameters.join('\n')}
    esac
  fi
  case $kind in
    words*) COMPREPLY=($(compgen -W "\${kind#words}" -- "$current")) ;;
    run)
      words=latest
      for at in results/runs/*/run.json; do
        [[ -e $at ]] && at=\${at%/run.json} && words="$words \${at##*/}"
      done
      COMPREPLY=($(compgen -W "$words" -- "$current"))
      ;;
    file) IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null ;;
    folder) IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$current")); compopt -o filenames 2>/dev/null ;;
  esac
}
complete -F _tare tare
`;
}
