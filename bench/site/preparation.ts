/** What work on engines, labs and images tells whoever presents it: what is being done, and what isn't as it should be. */
export type PreparationEvent =
  | { readonly type: 'step'; readonly text: string }
  /** What has to be known, and is as it should be. */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string };

/** Hears of preparation; whoever hears a whole run can stand in its place. */
export type PreparationListener = (event: PreparationEvent) => void;
