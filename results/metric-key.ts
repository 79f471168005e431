import type { MetricId } from './compare.ts';

/** One text for each figure. */
export const figureKey = ({ scenario, workload, metric }: MetricId): string =>
  `${scenario}\n${workload}\n${metric}`;
