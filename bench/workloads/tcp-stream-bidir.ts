import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Workload } from './workload.ts';

/** Bulk goodput of two TCP connections, one each way. */
export const tcpStreamBidir: Workload = {
  id: 'tcp-stream-bidir',
  summary:
    'Two TCP connections carry data at once, one each way; goodput is the sum of what both receivers got (iperf3 --bidir).',
  caveat:
    'Four busy threads: on two cores it measures the cores rather than the path. How the two directions share is in their own metrics.',
  metrics: [
    kinds.goodput,
    kinds.goodputForward,
    kinds.goodputReverse,
    kinds.retransmits,
    kinds.mss,
    kinds.cpuClient,
    kinds.cpuServer,
  ],
  omits: true,
  servers: (pair) => [iperf3Server(pair)],
  measure: (pair, settings) => measureIperf3(pair, settings, { streams: 1, direction: 'both' }),
};
