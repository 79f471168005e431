import { countedNetperf } from './counted.ts';
import { kinds } from './metrics.ts';
import { measureNetperf, netserver } from './tools/netperf.ts';
import type { Workload } from './workload.ts';

/** One-byte requests and responses over one TCP connection. */
export const tcpRr: Workload = {
  id: 'tcp-rr',
  summary:
    'One byte goes and one byte comes back over one TCP connection, the next as soon as the last is answered (netperf).',
  caveat:
    'A closed loop: while one answer is late no request is sent, so the tail is understated (rtt-open has none of that). Percentiles are per trial, in whole microseconds, from netperf’s own buckets.',
  traits: {
    answers: [
      { question: 'latency', metric: kinds.transactions.name, rank: 2 },
      { question: 'rtt-p50', metric: kinds.rttP50.name, rank: 2 },
    ],
  },
  metrics: [kinds.transactions, kinds.rttP50, kinds.rttP90, kinds.rttP99, kinds.rttMin, kinds.rttMax],
  servers: (pair) => [netserver(pair)],
  counted: countedNetperf('tcp-rr', 'transaction', kinds.transactions, [200, 1200]),
  measure: (pair, settings) => measureNetperf(pair, settings, 'tcp-rr'),
};
