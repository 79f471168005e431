import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Workload } from './workload.ts';

/** Bulk goodput of one TCP connection from the server to the client. */
export const tcpStreamReverse: Workload = {
  id: 'tcp-stream-reverse',
  summary:
    'One TCP connection, opened by the client, carries data from the server as fast as it can (iperf3 -R).',
  caveat:
    'As tcp-stream, in the direction of a download: address translation and offloads need not cost the same both ways.',
  metrics: [kinds.goodput, kinds.retransmits, kinds.mss, kinds.cpuClient, kinds.cpuServer],
  traits: { isOneConnection: true },
  omits: true,
  servers: (pair) => [iperf3Server(pair)],
  measure: (pair, settings) => measureIperf3(pair, settings, { streams: 1, direction: 'reverse' }),
};
