import type { Trial } from '../../results/schema.ts';
import type { PlannedTrial } from '../plan/plan.ts';
import type { PreparationEvent } from '../site/preparation.ts';

/** What a run tells whoever presents it; nothing else in the harness prints. */
export type RunEvent =
  /** Before the first trial, or between generations. */
  | PreparationEvent
  | {
      readonly type: 'trial-started';
      readonly trial: PlannedTrial;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | undefined;
    }
  | { readonly type: 'trial-ended'; readonly trial: Trial; readonly done: number; readonly total: number };

export type Listener = (event: RunEvent) => void;
