import { rttKinds } from './rtt-metrics.ts';
import { measureSockperf, sockperfServer } from './tools/sockperf.ts';
import type { Workload } from './workload.ts';

/** Round-trip times of single UDP datagrams, every one of them kept. */
export const rtt: Workload = {
  id: 'rtt',
  summary:
    'One 14-byte UDP datagram goes and comes back, the next as soon as it is there (sockperf ping-pong, full RTT).',
  caveat:
    'A closed loop on an otherwise idle path: a stall counts as one late answer, so the tail is understated (rtt-open has none of that). sockperf itself drops the first 0.4 s of each trial.',
  timing: 'the duration, and 2.4 s in which sockperf waits',
  traits: {
    answers: [
      { question: 'latency', metric: 'rtt-p50', rank: 1 },
      { question: 'rtt-p50', metric: 'rtt-p50', rank: 1 },
    ],
  },
  metrics: rttKinds,
  servers: (pair) => [sockperfServer(pair)],
  unsupported: (_, options) => (options.ipv6 === 'true' ? 'sockperf 3.7 speaks IPv4 only.' : undefined),
  measure: measureSockperf,
};
