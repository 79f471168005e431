import type { Probe } from '../loss-search.ts';
import { mostBitsPerSecond } from '../possible.ts';
import type { WorkloadPair } from '../workload.ts';
import { iperf3Argv } from './iperf3.ts';
import {
  bitsPerSecondOf,
  type Iperf3Options,
  iperf3Error,
  iperf3Hiccup,
  issueText,
  readIperf3,
  udpSchema,
} from './iperf3-output.ts';
import { brokenWords, deadlineFor, endedByItself, rawOutput, tookTooLong } from './tool-run.ts';

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
/** The sender's count may be taken a datagram or two early; more than that came from another test. */
const mostUncounted = 10;
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
  const length = ['-k', String(Math.max(10, Math.round(datagrams)))];
  const argv = iperf3Argv(pair, options, { length, reportSeconds });
  const deadlineSeconds = deadlineFor(seconds);
  const result = await pair.client.run(argv, { deadlineSeconds });
  const raw = rawOutput(result);
  const fail = (reason: string, more: { readonly isHiccup?: true } = {}): UdpProbe => ({
    probe: { type: 'failed', reason, ...more },
    raw,
    receivedBytes: 0,
  });
  const hiccup = endedByItself(result) ? iperf3Hiccup(result) : undefined;
  if (hiccup) return fail(hiccup, { isHiccup: true });
  const broken = brokenWords('iperf3', result, deadlineSeconds);
  if (broken) return fail((endedByItself(result) && iperf3Error(result)) || broken);
  const read = readIperf3(result.stdout);
  if (typeof read === 'string') return fail(read);
  const output = udpSchema.safeParse(read.value);
  if (!output.success) return fail(issueText(output.error));
  const { sum_sent: sent, sum_received: received } = output.data.end;
  if (sent.bytes === 0) return fail('iperf3 sent no datagram.');
  const stoodStill = tookTooLong('iperf3', Math.max(sent.seconds, received.seconds), seconds);
  if (stoodStill) return fail(stoodStill, { isHiccup: true });
  if (received.bytes > sent.bytes + mostUncounted * datagramBytes) {
    const counts = `${received.bytes} bytes received of ${sent.bytes} sent`;
    return fail(`iperf3 gave a loss that can't be: ${counts}.`, { isHiccup: true });
  }
  const rates = [bitsPerSecondOf(sent), bitsPerSecondOf(received)] as const;
  if (rates.some((rate) => rate > mostBitsPerSecond)) {
    return fail(`iperf3 gave a goodput that can't be: ${Math.max(...rates).toExponential(1)} bit/s.`);
  }
  const probe: Probe = {
    type: 'measured',
    sentBitsPerSecond: rates[0],
    receivedBitsPerSecond: rates[1],
    // Datagrams after the last that arrived are unknown to the receiver: the sender's count is the whole.
    loss: 1 - received.bytes / Math.max(sent.bytes, received.bytes),
  };
  return { probe, raw, receivedBytes: received.bytes };
}
