import { ownOwner } from '../../results/owner.ts';
import { stateTag } from '../state/state.ts';

/** Every object that Tare makes carries this label. */
export const tareLabel = 'tare';

/** The label with the run's id. Only what is made carries it, never an image, whose containers would inherit it. */
export const runLabel = `${tareLabel}.run`;
/** The label with the tag of the state folder for which an object was made. */
export const stateLabel = `${tareLabel}.state`;
/** The label with the process that made an object: `tare clean` touches nothing of one that lives. */
export const ownerLabel = `${tareLabel}.owner`;
/** The label with the lab's name, on its nodes and its network. */
export const labLabel = `${tareLabel}.lab`;

/** The labels of one object that this process makes. */
export function labels(runId: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    [tareLabel]: '1',
    [runLabel]: runId,
    [stateLabel]: stateTag(),
    [ownerLabel]: ownOwner(),
    ...more,
  };
}

/** A filter for Docker's list calls: what carries a run's id, or that of one run. */
export function labelFilter(runId?: string): { label: string[] } {
  return { label: [`${tareLabel}=1`, runId === undefined ? runLabel : `${runLabel}=${runId}`] };
}

/** Interfaces that Tare makes on an engine's host start so; the kernel allows 15 characters. */
export const interfacePrefix = 'tare-';

/** The alias of such an interface; says the same as an object's labels, in at most 255 characters. */
export function interfaceAlias(runId: string): string {
  return `tare.run=${runId},tare.state=${stateTag()},tare.owner=${ownOwner()}`;
}

/** The marks of a program that Tare runs on this machine itself, in its environment. */
export function programMarks(runId: string): Record<'TARE_RUN' | 'TARE_STATE_TAG' | 'TARE_OWNER', string> {
  return { TARE_RUN: runId, TARE_STATE_TAG: stateTag(), TARE_OWNER: ownOwner() };
}
