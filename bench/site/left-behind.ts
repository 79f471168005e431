import { describeLeftover, sweepLeftBehind } from '../engine/clean-labelled.ts';
import { endLeftPrograms } from '../engine/clean-processes.ts';
import type { Engine } from '../engine/engine.ts';
import { labLabel } from '../engine/labels.ts';
import { standingOfObject } from '../engine/standing.ts';
import type { PreparationListener } from './preparation.ts';

/**
 * Removes what killed runs of this state folder left on engines and on this machine, before another run measures there:
 * their servers hold ports that it needs, and what still runs of them takes its CPU. What lives is not touched, nor is a
 * lab, which is found up or made anew as a whole.
 */
export async function removeLeftBehind(
  engines: readonly Engine[],
  listener: PreparationListener,
): Promise<void> {
  const programs = endLeftPrograms(false, false);
  const swept = await sweepLeftBehind(
    engines,
    (labels) => (labels[labLabel] === undefined ? standingOfObject(labels, false) : undefined),
    false,
  );
  const objects = swept.flatMap(({ containers, networks, volumes }) => [
    ...containers,
    ...networks,
    ...volumes,
  ]);
  const count = objects.length + programs.ended.length + programs.folders.length + programs.sockets.length;
  if (count > 0) listener({ type: 'step', text: `Removed what killed runs had left (${count} things)` });
  for (const leftover of [...programs.leftovers, ...swept.flatMap(({ leftovers }) => leftovers)]) {
    listener({ type: 'warning', text: describeLeftover(leftover) });
  }
}
