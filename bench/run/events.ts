import type { Trial } from '../../results/schema.ts';
import type { PlannedTrial } from '../plan/plan.ts';

/** What a run tells whoever presents it; nothing else in the harness prints. */
export type RunEvent =
  /** Work before the first trial, or between generations: what is being done. */
  | { readonly type: 'step'; readonly text: string }
  | {
      readonly type: 'trial-started';
      readonly trial: PlannedTrial;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | undefined;
    }
  | { readonly type: 'trial-ended'; readonly trial: Trial; readonly done: number; readonly total: number }
  | { readonly type: 'warning'; readonly text: string };

export type Listener = (event: RunEvent) => void;
