import { countedNetperf } from './counted.ts';
import { kinds } from './metrics.ts';
import { measureNetperf, netserver } from './tools/netperf.ts';
import type { Workload } from './workload.ts';

/** One-byte requests and responses over UDP. */
export const udpRr: Workload = {
  id: 'udp-rr',
  summary:
    'One byte goes and one byte comes back in UDP datagrams, the next as soon as the last is answered (netperf).',
  caveat:
    'A closed loop, as tcp-rr. netperf never sends again: a trial in which a datagram is lost stands still to its end and is failed, not averaged.',
  traits: { answers: [{ question: 'latency', metric: kinds.transactions.name, rank: 3 }] },
  metrics: [kinds.transactions, kinds.rttP50, kinds.rttP90, kinds.rttP99, kinds.rttMin, kinds.rttMax],
  servers: (pair) => [netserver(pair)],
  counted: countedNetperf('udp-rr', 'transaction', kinds.transactions, [200, 1200]),
  measure: (pair, settings) => measureNetperf(pair, settings, 'udp-rr'),
};
