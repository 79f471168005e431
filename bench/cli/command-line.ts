import { shellWords } from '../../results/shell-word.ts';
import { withoutPassword } from '../engine/engine-address.ts';

/** What of a process tells how it was started. */
export interface Started {
  readonly argv: readonly string[];
  /** Node's own options. */
  readonly execArgv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The command line to start this again, as its reader started it: `tare …` where it is installed, `npm run tare -- …`
 * from the sources, else node with its options. Passwords in addresses are left out.
 */
export function commandLineOf({ argv, execArgv, environment }: Started): string {
  const [, program = '', ...rest] = argv;
  const words = rest.map(withoutPassword);
  return `${shellWords(startOf(program, execArgv, environment))} ${shellWords(words)}`.trimEnd();
}

function startOf(
  program: string,
  execArgv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  // `npm run bench` gives what `npm run tare` can be given again.
  const script = environment.npm_lifecycle_event;
  if (script === 'tare' || script === 'bench') return ['npm', 'run', 'tare', '--'];
  if (!program.endsWith('.ts')) return ['tare'];
  return ['node', ...execArgv, program];
}
