import type { Probe } from '../loss-search.ts';
import type { WorkloadPair } from '../workload.ts';
import { iperf3Argv } from './iperf3.ts';
import {
  bitsPerSecondOf,
  type Iperf3Options,
  iperf3Error,
  issueText,
  parseJson,
  udpSchema,
} from './iperf3-output.ts';
import { brokenEnd, deadlineFor, rawOutput } from './tool-run.ts';

/** What a probe of the capacity search saw, with the tool's output and the payload bytes that arrived. */
export interface UdpProbe {
  readonly probe: Probe;
  readonly raw: string;
  readonly receivedBytes: number;
}

/**
 * Datagrams that a flood sends for each second asked for. iperf3 can't stop before a whole second, so short probes
 * count datagrams; a sender that is faster or slower than this only changes how long the flood lasts.
 */
const floodDatagramsPerSecond = 200_000;

/**
 * Offers a UDP load for a while, which may be short.
 * @param bitsPerSecond payload bit/s; undefined for as much as the sender can
 */
export async function runUdpProbe(
  pair: WorkloadPair,
  datagramBytes: number,
  bitsPerSecond: number | undefined,
  seconds: number,
): Promise<UdpProbe> {
  const rate = bitsPerSecond === undefined ? floodDatagramsPerSecond : bitsPerSecond / (datagramBytes * 8);
  const udp = { bitsPerSecond: bitsPerSecond ?? 0, datagramBytes };
  const options: Iperf3Options = { streams: 1, direction: 'forward', udp };
  const base = iperf3Argv(pair, options, { durationSeconds: 1, omitSeconds: 0 });
  const time = base.indexOf('-t');
  const datagrams = Math.max(100, Math.round(rate * seconds));
  const argv = [...base.slice(0, time), '-k', String(datagrams), ...base.slice(time + 2)];
  const deadlineSeconds = deadlineFor(seconds * 10);
  const result = await pair.client.run(argv, { deadlineSeconds });
  const raw = rawOutput(result);
  const broken = (!result.timedOut && iperf3Error(result)) || brokenEnd('iperf3', result, deadlineSeconds);
  if (broken) return { probe: { type: 'failed', reason: broken }, raw, receivedBytes: 0 };
  const output = udpSchema.safeParse(parseJson(result.stdout));
  if (!output.success)
    return { probe: { type: 'failed', reason: issueText(output.error) }, raw, receivedBytes: 0 };
  const { sum_sent: sent, sum_received: received } = output.data.end;
  const probe: Probe = {
    type: 'measured',
    sentBitsPerSecond: bitsPerSecondOf(sent),
    receivedBitsPerSecond: bitsPerSecondOf(received),
    // Datagrams after the last that arrived are unknown to the receiver: the sender's count is the whole.
    loss: Math.max(0, 1 - received.bytes / sent.bytes),
  };
  return { probe, raw, receivedBytes: received.bytes };
}
