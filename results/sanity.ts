import { percentText } from './figure-text.ts';
import { notableForeignShare } from './foreign-load.ts';
import type { MeasuredScenario, RunSummary, WorkloadSummary } from './summary.ts';
import type { SummaryWarning } from './warnings.ts';

/** A scenario must be better than its baseline by more than this before it is asked why. */
const suspiciousGain = 0.02;

/** Product of transactions per second and median RTT, one request under way at a time: between these it is plausible. */
const plausibleProduct = { least: 0.6, most: 1.15 };

/** Findings that are no errors but that nobody should publish without having asked why. */
export function sanityWarnings(topologies: RunSummary['topologies']): SummaryWarning[] {
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
function beatsBaseline({ id }: MeasuredScenario, workload: WorkloadSummary): SummaryWarning[] {
  const [primary] = workload.metrics;
  const interval = primary?.overhead?.interval;
  // With fewer than four comparisons the interval has too little confidence to accuse anyone.
  if (!primary || !interval || interval.confidence < 0.87 || interval.high > -suspiciousGain) return [];
  const [least, most] = [-interval.high, -interval.low].map(percentText);
  return [
    {
      code: 'beats-baseline',
      scenario: id,
      workload: workload.id,
      metric: primary.name,
      text: `${id} beats its baseline in ${primary.name} of ${workload.id} by ${least} to ${most}: it may skip work that the host's path does (filter rules, a bridge), so look at both paths before calling it faster.`,
    },
  ];
}

/** With one request under way at a time, rate and round trip are two views of one thing. */
function loopsDisagree({ id }: MeasuredScenario, workload: WorkloadSummary): SummaryWarning[] {
  const rate = workload.metrics.find((each) => each.name === 'transactions')?.median;
  const rttSeconds = workload.metrics.find((each) => each.name === 'rtt-p50')?.median;
  if (rate === undefined || rttSeconds === undefined) return [];
  const product = rate * rttSeconds;
  if (product >= plausibleProduct.least && product <= plausibleProduct.most) return [];
  return [
    {
      code: 'rate-against-rtt',
      ...(foreignShare(workload) >= notableForeignShare && { variant: 'foreign-load' }),
      scenario: id,
      workload: workload.id,
      metric: 'rtt-p50',
      text: `${workload.id} on ${id}: the median round trip times the rate is ${product.toFixed(2)}, and should be about 1; ${whyLoopsDisagree(workload)}.`,
    },
  ];
}

const foreignShare = ({ machines }: WorkloadSummary): number =>
  Math.max(0, ...machines.map((machine) => machine.foreignShare ?? 0));

function whyLoopsDisagree(workload: WorkloadSummary): string {
  const foreign = foreignShare(workload);
  if (foreign < notableForeignShare) {
    return 'one of the two does not measure what it says, or a few round trips are very long';
  }
  return (
    `other programs took ${percentText(foreign)} of the CPU in these trials, which is the likely cause: ` +
    'a few round trips that wait for a core lower the rate and leave the median as it is'
  );
}
