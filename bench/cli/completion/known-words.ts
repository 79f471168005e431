import type { DescribedCommand, Values } from '../described.ts';

/** What stands for itself wherever a scenario or a workload is asked for. */
export interface KnownWords {
  readonly scenarios: readonly string[];
  readonly workloads: readonly string[];
}

/** How a shell finds the words: a list, or something that only the shell can look up. */
export type Completed =
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'file' | 'folder' | 'run' | 'nothing' };

export function completed(values: Values, known: KnownWords): Completed {
  switch (values) {
    case 'scenario':
      return { type: 'words', words: known.scenarios };
    case 'workload':
      return { type: 'words', words: known.workloads };
    case 'anything':
      return { type: 'nothing' };
    case 'file':
    case 'folder':
    case 'run':
      return { type: values };
    default:
      return { type: 'words', words: values };
  }
}

/** A command and all below it. */
export function withSubcommands(command: DescribedCommand): DescribedCommand[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Quoted for bash and zsh. */
export const quotedWord = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
