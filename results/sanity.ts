import { notableForeignShare } from './foreign-load.ts';
import type { MeasuredScenario, RunSummary, WorkloadSummary } from './summary.ts';
import type { FoundWarning } from './warnings.ts';

/** A scenario must be better than its baseline by more than this before it is asked why. */
const suspiciousGain = 0.02;

/** Product of transactions per second and median RTT, one request under way at a time: between these it is plausible. */
const plausibleProduct = { least: 0.6, most: 1.15 };

/** Findings that are no errors but that nobody should publish without having asked why. */
export function sanityWarnings(topologies: RunSummary['topologies']): FoundWarning[] {
  const scenarios = topologies
    .flatMap((topology) => topology.scenarios)
    .filter((each): each is MeasuredScenario => each.status === 'ok');
  return scenarios.flatMap((scenario) =>
    scenario.workloads.flatMap((workload) => [
      ...beatsBaseline(scenario, workload),
      ...loopsDisagree(scenario, workload),
    ]),
  );
}

/** A container network that is faster than the host's took another path, or something is wrong. */
function beatsBaseline({ id }: MeasuredScenario, workload: WorkloadSummary): FoundWarning[] {
  const [primary] = workload.metrics;
  const interval = primary?.overhead?.interval;
  // With fewer than four comparisons the interval has too little confidence to accuse anyone.
  if (!primary || !interval || interval.confidence < 0.87 || interval.high > -suspiciousGain) return [];
  return [
    {
      code: 'beats-baseline',
      subject: { scenario: id, workload: workload.id, metric: primary.name },
      leastShare: -interval.high,
      mostShare: -interval.low,
    },
  ];
}

/** With one request under way at a time, rate and round trip are two views of one thing. */
function loopsDisagree({ id }: MeasuredScenario, workload: WorkloadSummary): FoundWarning[] {
  const rate = workload.metrics.find((each) => each.name === 'transactions')?.median;
  const rttSeconds = workload.metrics.find((each) => each.name === 'rtt-p50')?.median;
  if (rate === undefined || rttSeconds === undefined) return [];
  const product = rate * rttSeconds;
  if (product >= plausibleProduct.least && product <= plausibleProduct.most) return [];
  const foreign = foreignShare(workload);
  return [
    {
      code: 'rate-against-rtt',
      subject: { scenario: id, workload: workload.id, metric: 'rtt-p50' },
      product,
      ...(foreign >= notableForeignShare && { foreignShare: foreign }),
    },
  ];
}

const foreignShare = ({ machines }: WorkloadSummary): number =>
  Math.max(0, ...machines.map((machine) => machine.foreignShare ?? 0));
