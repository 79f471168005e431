import { countedStream } from './counted.ts';
import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Workload } from './workload.ts';

interface Setting {
  readonly streams?: number;
  readonly messageBytes?: number;
}

function streamOf(id: string, summary: string, caveat: string, setting: Setting): Workload {
  return {
    id,
    summary: `${summary} goodput is counted at the receiver (iperf3).`,
    caveat,
    metrics: [kinds.goodput, kinds.retransmits, kinds.mss, kinds.cpuClient, kinds.cpuServer],
    omits: true,
    servers: (pair) => [iperf3Server(pair)],
    measure: (pair, settings) =>
      measureIperf3(pair, settings, { streams: 1, direction: 'forward', ...setting }),
  };
}

/** Bulk goodput of one TCP connection. */
export const tcpStream: Workload = {
  ...streamOf(
    'tcp-stream',
    'One TCP connection sends as fast as it can;',
    'One flow uses one core at each end for most of the path, so it says nothing about many flows; where the link is saturated, drivers tie.',
    {},
  ),
  traits: {
    isOneConnection: true,
    answers: [
      { question: 'throughput', metric: kinds.goodput.name, rank: 1 },
      { question: 'cpu', metric: 'cpu-per-gb', rank: 1 },
    ],
  },
  counted: countedStream,
  variants: {
    size: (messageBytes) =>
      streamOf(
        `tcp-stream@size=${messageBytes}`,
        `One TCP connection, written to in messages of ${messageBytes} bytes (iperf3 -l), sends as fast as it can;`,
        'Small messages weigh system calls: the kernel joins them into full segments, so the network sees much the same packets.',
        { messageBytes },
      ),
    streams: (streams) =>
      streamOf(
        `tcp-stream@streams=${streams}`,
        `TCP connections: ${streams}, a thread each, send as fast as they can;`,
        'With more streams than cores the scheduler is measured too; both ends of a same-host pair share the cores.',
        { streams },
      ),
  },
};
