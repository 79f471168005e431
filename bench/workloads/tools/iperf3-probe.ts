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

/** Above what any sender can: with `-b 0` iperf3 takes another path through its code, with other pacing. */
const floodBitsPerSecond = 1e11;
/** A tenth to a few tenths of a second for a sender that makes 50,000 to 200,000 of them a second. */
const floodDatagrams = 20_000;
/** iperf3's least. It looks whether it has sent enough only when it reports, so a probe lasts so much too long at most. */
const reportSeconds = 0.1;

/**
 * Offers a UDP load for a while, which may be a fraction of a second. iperf3's `-t` takes whole seconds only, so the
 * length is given as a number of datagrams.
 * @param seconds more than 0.1
 * @param bitsPerSecond payload bit/s; undefined for as much as the sender can
 */
export async function runUdpProbe(
  pair: WorkloadPair,
  datagramBytes: number,
  bitsPerSecond: number | undefined,
  seconds: number,
): Promise<UdpProbe> {
  const udp = { bitsPerSecond: bitsPerSecond ?? floodBitsPerSecond, datagramBytes };
  const options: Iperf3Options = { streams: 1, direction: 'forward', udp };
  const datagrams =
    bitsPerSecond === undefined ? floodDatagrams : (bitsPerSecond * seconds) / (datagramBytes * 8);
  const argv = iperf3Argv(pair, options, { durationSeconds: 1, omitSeconds: 0 });
  argv.splice(argv.indexOf('-i'), 2, '-i', String(reportSeconds));
  argv.splice(argv.indexOf('-t'), 2, '-k', String(Math.max(10, Math.round(datagrams))));
  const deadlineSeconds = deadlineFor(seconds);
  const result = await pair.client.run(argv, { deadlineSeconds });
  const raw = rawOutput(result);
  const broken = (!result.timedOut && iperf3Error(result)) || brokenEnd('iperf3', result, deadlineSeconds);
  if (broken) return { probe: { type: 'failed', reason: broken }, raw, receivedBytes: 0 };
  const output = udpSchema.safeParse(parseJson(result.stdout));
  if (!output.success)
    return { probe: { type: 'failed', reason: issueText(output.error) }, raw, receivedBytes: 0 };
  const { sum_sent: sent, sum_received: received } = output.data.end;
  if (sent.bytes === 0)
    return { probe: { type: 'failed', reason: 'iperf3 sent no datagram.' }, raw, receivedBytes: 0 };
  const probe: Probe = {
    type: 'measured',
    sentBitsPerSecond: bitsPerSecondOf(sent),
    receivedBitsPerSecond: bitsPerSecondOf(received),
    // Datagrams after the last that arrived are unknown to the receiver: the sender's count is the whole.
    loss: Math.max(0, 1 - received.bytes / sent.bytes),
  };
  return { probe, raw, receivedBytes: received.bytes };
}
