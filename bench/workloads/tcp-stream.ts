import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Workload } from './workload.ts';

/** Bulk goodput of one TCP connection. */
export const tcpStream: Workload = {
  id: 'tcp-stream',
  summary: 'One TCP connection sends as fast as it can; goodput is counted at the receiver (iperf3).',
  caveat:
    'One flow uses one core at each end for most of the path, so it says nothing about many flows; where the link is saturated, drivers tie.',
  metrics: [kinds.goodput, kinds.retransmits, kinds.mss, kinds.cpuClient, kinds.cpuServer],
  servers: (pair) => [iperf3Server(pair)],
  measure: (pair, settings) => measureIperf3(pair, settings, { streams: 1, direction: 'forward' }),
};
