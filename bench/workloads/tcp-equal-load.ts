import { inWords } from '../../results/reasons.ts';
import { equalLoadMetric } from '../../results/traits.ts';
import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Outcome, TrialSettings, Workload, WorkloadPair } from './workload.ts';

/** A network that carried less of the offered rate than this was not at equal load with the others. */
const leastCarriedShare = 0.95;

/** What a gigabyte costs in CPU time where every network carries the same rate. */
export const tcpEqualLoad: Workload = {
  id: 'tcp-equal-load',
  summary:
    'One TCP connection sends at four fifths of what the slowest network of the topology carried in tcp-stream, the same on all (iperf3 -b); what counts is the CPU time of the whole machines.',
  caveat:
    'The rate is this run’s own, so figures of two runs compare only where their rates are alike. iperf3 sends in bursts of a millisecond; an idle machine’s own few interrupts count too. A network that falls short of the rate fails the trial.',
  metrics: [kinds.goodput, kinds.retransmits, kinds.mss, kinds.cpuClient, kinds.cpuServer],
  traits: { primaryMetric: equalLoadMetric, atEqualLoadOf: 'tcp-stream' },
  omits: true,
  servers: (pair) => [iperf3Server(pair)],
  measure,
};

async function measure(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome> {
  const offered = settings.equalLoadBitsPerSecond;
  if (offered === undefined) {
    return {
      type: 'failed',
      reason: inWords('No tcp-stream trial has told what the networks sustain.'),
      raw: '',
    };
  }
  const options = { streams: 1, direction: 'forward', pacedBitsPerSecond: offered } as const;
  const outcome = await measureIperf3(pair, settings, options);
  if (outcome.type === 'failed') return outcome;
  const goodput = outcome.metrics.find(({ name }) => name === kinds.goodput.name)?.value ?? 0;
  if (goodput >= offered * leastCarriedShare) return outcome;
  const megabits = (rate: number) => `${(rate / 1e6).toFixed(0)} Mbit/s`;
  return {
    type: 'failed',
    reason: inWords(
      `It carried ${megabits(goodput)} of the ${megabits(offered)} offered, so it was not at equal load.`,
    ),
    raw: outcome.raw,
  };
}
