import type { RunWarning } from '../../results/warnings.ts';

/** Each of a union without a field. */
type Without<Each, Field extends string> = Each extends unknown ? Omit<Each, Field> : never;

/** What is to be known of a scenario at an engine: a run's warning, while it is not known what else it is about. */
export type Remark = Without<Exclude<RunWarning, { code: 'changed-between' | 'said' }>, 'subject'>;

/** The same of how a host's address towards others was chosen, before its engine is named. */
export type UnderlayRemark = Without<
  Extract<Remark, { code: 'overlays-elsewhere' | 'over-data-path' | 'no-default-route' }>,
  'engine'
>;
