import type { Run } from './schema.ts';

/** Whether a run's figures are in counted time. */
export const isCounted = ({ machine }: Pick<Run, 'machine'>): boolean => machine !== undefined;

/** Whether a run's figures are seconds of an emulated machine, which prove function and rank nothing. */
export const ranksNothing = (run: Pick<Run, 'emulated' | 'machine'>): boolean =>
  run.emulated && !isCounted(run);
