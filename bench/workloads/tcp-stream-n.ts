import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Workload } from './workload.ts';

/** Bulk goodput of as many TCP connections as the machine has cores. */
export const tcpStreamN: Workload = {
  id: 'tcp-stream-N',
  summary:
    'As many TCP connections as the machine has cores send at once; goodput is their sum at the receiver (iperf3).',
  caveat:
    'N differs between machines, so figures of two machines don’t compare. Both ends of a same-host pair share those cores with each other.',
  metrics: [kinds.goodput, kinds.retransmits, kinds.mss, kinds.cpuClient, kinds.cpuServer],
  omits: true,
  servers: (pair) => [iperf3Server(pair)],
  measure: (pair, settings) =>
    measureIperf3(pair, settings, { streams: settings.cores, direction: 'forward' }),
};
