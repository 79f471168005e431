/** What `--sweep` can vary; the points of each are bench/plan/parameter-sweep.ts's. */
export const sweepKinds = ['size', 'mtu', 'streams'] as const;
export type SweepKind = (typeof sweepKinds)[number];
