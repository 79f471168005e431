import { overheadOf } from './overhead.ts';
import type { Estimate, MetricSummary } from './summary.ts';

/**
 * How much worse `second` is than `first`, from the differences of their log ratios in the same chain of the same
 * block: what both share with the baseline beside them cancels. Each side is one trial less the mean of its neighbours,
 * so that the difference is symmetric whatever the noise. Undefined where they share none.
 */
export function pairedShift(
  first: MetricSummary | undefined,
  second: MetricSummary | undefined,
): Estimate | undefined {
  const byChain = new Map<string, number>();
  for (const { block, chain, logRatio } of first?.observations ?? []) {
    if (logRatio !== undefined) byChain.set(`${block} ${chain}`, logRatio);
  }
  const differences = (second?.observations ?? []).flatMap(({ block, chain, logRatio }) => {
    const other = byChain.get(`${block} ${chain}`);
    return other === undefined || logRatio === undefined ? [] : [logRatio - other];
  });
  return differences.length === 0 ? undefined : overheadOf(differences.map((each) => [each]));
}

/** The same figure seen from the other side: how much worse the reference is than what was compared with it. */
export function inverted({ estimate, interval, n }: Estimate): Estimate {
  const invert = (ratio: number) => 1 / (1 + ratio) - 1;
  return {
    estimate: invert(estimate),
    n,
    ...(interval && {
      interval: {
        low: invert(interval.high),
        high: invert(interval.low),
        confidence: interval.confidence,
      },
    }),
  };
}
