import { inWords } from '../../results/reasons.ts';
import type { TrialWarning } from '../../results/warnings.ts';
import { searchLossBound } from './loss-search.ts';
import { kinds, toOutcome } from './metrics.ts';
import { given, parsedFigures } from './possible.ts';
import { iperf3Server } from './tools/iperf3.ts';
import { runUdpProbe } from './tools/iperf3-probe.ts';
import type { Outcome, TrialSettings, Workload, WorkloadPair } from './workload.ts';

/** IPv4 and UDP headers, which the sizes below include. */
const headerBytes = 28;
const lossBound = 0.001;

/** IPv4 datagrams of 1400 bytes fit the smallest MTU of all drivers (1424 on the encrypted overlay). */
const capacitySizes = [64, 512, 1400] as const;

async function measureCapacity(pair: WorkloadPair, settings: TrialSettings, size: number): Promise<Outcome> {
  const payloadBytes = size - headerBytes;
  const raws: string[] = [];
  let carriedBytes = 0;
  const result = await searchLossBound(
    async (bitsPerSecond, seconds) => {
      const { probe, raw, receivedBytes } = await runUdpProbe(pair, payloadBytes, bitsPerSecond, seconds);
      raws.push(raw);
      carriedBytes += receivedBytes;
      return probe;
    },
    { lossBound, shortSeconds: 0.2, confirmSeconds: settings.durationSeconds, floorBitsPerSecond: 1e6 },
  );
  const raw = raws.join('\n');
  if (result.type === 'failed') return { type: 'failed', reason: inWords(result.reason), raw };
  const { repeated, limitedBySender } = result;
  const [first] = repeated;
  const figures = [
    given(kinds.goodput, result.bitsPerSecond),
    given(kinds.packets, result.bitsPerSecond / (payloadBytes * 8)),
    given(kinds.loss, result.loss),
  ];
  const warnings: TrialWarning[] = [
    ...(limitedBySender ? [{ code: 'sender-limited' as const }] : []),
    ...(first === undefined
      ? []
      : [{ code: 'probes-repeated' as const, count: repeated.length, said: first }]),
  ];
  return toOutcome(parsedFigures('iperf3', figures, { payloadBytes: carriedBytes, warnings }), raw);
}

function udpCapacity(size: number): Workload {
  return {
    id: `udp-capacity-${size}`,
    summary: `The highest load of ${size}-byte IPv4 datagrams of which no more than 0.1 % is lost, found by search (iperf3).`,
    caveat:
      'The search probes for 0.2 s at a time and confirms over the trial’s duration; a trial takes several seconds. Where sender and receiver share cores it finds what the cores carry. iperf3 sends one datagram per system call.',
    timing: 'about ten probes of 0.2 s, then confirmations of the duration: four to seven seconds',
    metrics: [kinds.goodput, kinds.packets, kinds.loss],
    servers: (pair) => [iperf3Server(pair)],
    endsByCount: true,
    measure: (pair, settings) => measureCapacity(pair, settings, size),
  };
}

/** Loss-bounded capacity, one workload for each size. */
export const udpCapacities: readonly Workload[] = capacitySizes.map(udpCapacity);
