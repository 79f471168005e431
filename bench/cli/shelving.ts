import { Argument, type Command } from 'commander';
import { type CommandContext, exitCodes } from '../commands/command.ts';
import { tareVersion } from '../commands/version.ts';
import { describe } from './described.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** The commands that tell a shell and a reader of manuals what the others are. */
export function addShelving(tare: Command, context: CommandContext, done: (code: number) => void): void {
  tare
    .command('completion')
    .description('print a script that completes commands, options, networks, workloads and runs in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(tare completion bash)          # in ~/.bashrc\n' +
        '  source <(tare completion zsh)           # in ~/.zshrc, behind compinit\n' +
        '  tare completion fish | source           # in ~/.config/fish/config.fish\n',
    )
    .action(async (shell: (typeof shells)[number]) => {
      const { completionFor } = await import('./completion/completion.ts');
      context.stdout.write(completionFor(shell, describe(tare)));
      done(exitCodes.ok);
    });

  tare
    .command('man')
    .description('print the manual page')
    .addHelpText('after', '\nExample:\n  tare man | man -l -\n')
    .action(async () => {
      const { manPage } = await import('./man-page.ts');
      context.stdout.write(manPage(describe(tare), tareVersion));
      done(exitCodes.ok);
    });
}
