import { ownerPid, ownerState } from '../../results/owner.ts';
import { stateTag } from '../state/state.ts';
import { labLabel, ownerLabel, runLabel, stateLabel } from './labels.ts';

/** Whether something of Tare's may be taken away, and why not. */
export type Standing = { readonly goes: true } | { readonly goes: false; readonly reason: string };

/** What is known of something that a run made, from its labels, its alias or its environment. */
export interface Marks {
  readonly run?: string | undefined;
  readonly state?: string | undefined;
  readonly owner?: string | undefined;
}

/**
 * Judges what a run made. What belongs to a living process never goes. Of the rest goes what dead processes of this
 * state folder made; with `all` also what belongs to other state folders, and that of which nobody can say whether its
 * maker lives.
 */
export function standingOf({ state, owner }: Marks, all: boolean): Standing {
  const maker = ownerState(owner);
  const isOurs = state === stateTag();
  if (maker === 'lives') {
    const whose = isOurs ? 'its run' : 'its run, of another state folder,';
    return { goes: false, reason: `${whose} lives (process ${ownerPid(owner)})` };
  }
  if (all || (isOurs && maker === 'dead')) return { goes: true };
  if (state === undefined) return { goes: false, reason: 'an older Tare made it; --all removes it' };
  if (!isOurs) return { goes: false, reason: 'it is of another state folder; --all removes it' };
  return {
    goes: false,
    reason: 'its maker ran on another machine or in another container, so may live; --all removes it',
  };
}

/** The same by an object's labels; undefined where they are no more than those of an image. */
export function standingOfObject(
  labels: Readonly<Record<string, string>>,
  all: boolean,
): Standing | undefined {
  const run = labels[runLabel];
  if (run === undefined && labels[labLabel] === undefined) return undefined;
  return standingOf({ run, state: labels[stateLabel], owner: labels[ownerLabel] }, all);
}
