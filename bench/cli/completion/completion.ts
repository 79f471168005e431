import { drivers } from '../../../drivers/registry.ts';
import { workloads } from '../../workloads/registry.ts';
import type { DescribedCommand } from '../described.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import type { KnownWords } from './known-words.ts';
import { zshCompletion } from './zsh.ts';

const makers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** A completion script for a shell. */
export function completionFor(shell: keyof typeof makers, program: DescribedCommand): string {
  const known: KnownWords = {
    scenarios: drivers.flatMap(({ id, topologies }) => topologies.map((topology) => `${topology}/${id}`)),
    workloads: workloads.map(({ id }) => id),
  };
  return makers[shell](program, known);
}
