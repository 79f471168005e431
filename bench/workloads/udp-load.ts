import { kinds } from './metrics.ts';
import { iperf3Server, measureIperf3 } from './tools/iperf3.ts';
import type { Workload } from './workload.ts';

/**
 * Payload bytes per datagram: the smallest MTU of all drivers is the encrypted overlay's 1424, less 48 bytes of IPv6
 * and UDP headers is 1376. The same size on every driver, so that none fragments and all compare.
 */
const datagramBytes = 1372;

/** What arrives of an equal offered load of UDP datagrams. */
export const udpLoad: Workload = {
  id: 'udp-load',
  summary: `UDP datagrams of ${datagramBytes} bytes are offered at one fixed rate on every driver; what arrives is counted (iperf3).`,
  caveat:
    'Where every driver carries the offered load, goodput ties by design: look at loss, jitter and CPU. It is not a capacity (udp-capacity is). Sending is paced in bursts of a millisecond.',
  metrics: [kinds.goodput, kinds.loss, kinds.jitter, kinds.cpuClient, kinds.cpuServer],
  traits: { offersFixedLoad: true },
  omits: true,
  servers: (pair) => [iperf3Server(pair)],
  measure: (pair, settings) =>
    measureIperf3(pair, settings, {
      streams: 1,
      direction: 'forward',
      udp: { bitsPerSecond: settings.offeredBitsPerSecond, datagramBytes },
    }),
};
