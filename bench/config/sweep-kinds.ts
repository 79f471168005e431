/** What `--sweep` can vary; the points of each are bench/plan/parameter-sweep.ts's. */
export const sweepKinds = ['size', 'mtu', 'streams'] as const;
/** The workload that is swept where none is named. */
export const sweptByDefault = 'tcp-stream';
export type SweepKind = (typeof sweepKinds)[number];
