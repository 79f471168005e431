import type { Run } from './schema.ts';

/** What a figure was read from. */
export const clockOf = (run: Pick<Run, 'machine'>): 'wall' | 'counted' =>
  isCounted(run) ? 'counted' : 'wall';

/** Whether a run's figures are in counted time. */
export const isCounted = ({ machine }: Pick<Run, 'machine'>): boolean => machine !== undefined;

/** Whether a run's figures are seconds of an emulated machine, which prove function and rank nothing. */
export const ranksNothing = (run: Pick<Run, 'emulated' | 'machine'>): boolean =>
  run.emulated && !isCounted(run);
