import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stateSubfolder } from '../state/state.ts';

// Short names, as the kernel allows a socket's path 107 bytes and ssh needs 17 of them for a name in between.
const folderOfAll = () => stateSubfolder('s');

/** Path of the control socket of the connection that this process makes as its `number`th. */
export function controlSocket(number: number): string {
  return join(folderOfAll(), `${process.pid.toString(36)}${(number % 1296).toString(36)}`);
}

/**
 * Removes the control sockets of ssh connections that were killed: one that ends removes its own. Whether a connection
 * lives is told by the kernel, which knows who listens, and not by a number that may be another's by now.
 * @returns their names
 */
export function removeLeftControlSockets(dryRun: boolean): string[] {
  const folder = folderOfAll();
  // In this order: what is listed was bound before the kernel is asked.
  const there = readdirSync(folder);
  const bound = boundSockets();
  const left = there.filter((name) => {
    const path = join(folder, name);
    // ssh binds its socket under a name with a tail of its own, and gives it the short one after.
    return !bound.some((each) => each === path || each.startsWith(`${path}.`));
  });
  if (!dryRun) for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
  return left;
}

/** Paths of all unix sockets, as they were bound. */
function boundSockets(): string[] {
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .flatMap((line) => /^\S+: (?:\S+ +){6}(\/.*)$/.exec(line)?.[1] ?? []);
}
