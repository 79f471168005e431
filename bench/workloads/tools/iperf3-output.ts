import { z } from 'zod';
import type { Metric } from '../../../results/schema.ts';
import type { ExecResult } from '../../engine/executor.ts';
import { kinds, measured, type Parsed, refused } from '../metrics.ts';
import { lastLine } from './tool-run.ts';

export interface Iperf3Options {
  readonly streams: number;
  /** Which end sends. */
  readonly direction: 'forward' | 'reverse' | 'both';
  /** Bytes that each call writes (TCP); iperf3's own 128 KiB where absent. */
  readonly messageBytes?: number;
  /** Bit/s that a TCP sender holds back to; as fast as it can where absent. */
  readonly pacedBitsPerSecond?: number;
  /** Present for UDP: bit/s offered by all streams together, and bytes per datagram. */
  readonly udp?: { readonly bitsPerSecond: number; readonly datagramBytes: number };
}

/** Before 3.16 all streams share one thread, which measures the tool and not the network. */
const leastVersion = { major: 3, minor: 16 };
/** A stream's thread this busy (cores) is itself the bottleneck. */
const saturatedCores = 0.95;
/** Of the seconds asked for, how many must have been measured. */
const leastMeasuredShare = 0.9;
/** iperf3's ends are at most a fraction of a second late; a transfer longer than this stood still, and its rate is too low. */
const mostMeasured = { share: 1.5, seconds: 1 };

const nonNegative = z.number().nonnegative();
const transferSchema = z.object({ seconds: z.number().positive(), bytes: nonNegative });
const sentSchema = transferSchema.extend({ retransmits: nonNegative.optional() });
const datagramsSchema = transferSchema.extend({
  packets: nonNegative,
  lost_packets: z.number(),
  jitter_ms: nonNegative,
});
const startSchema = z.object({
  version: z.string(),
  tcp_mss_default: nonNegative.optional(),
  test_start: z.object({ protocol: z.enum(['TCP', 'UDP']), num_streams: z.number().int().positive() }),
});
const cpuSchema = z.object({ host_total: nonNegative, remote_total: nonNegative });
const tcpSchema = z.object({
  start: startSchema,
  end: z.object({
    sum_sent: sentSchema,
    sum_received: transferSchema,
    sum_sent_bidir_reverse: sentSchema.optional(),
    sum_received_bidir_reverse: transferSchema.optional(),
    cpu_utilization_percent: cpuSchema,
  }),
});
export const udpSchema = z.object({
  start: startSchema,
  end: z.object({
    sum_sent: transferSchema,
    sum_received: datagramsSchema,
    cpu_utilization_percent: cpuSchema,
  }),
});
const errorSchema = z.object({ error: z.string().min(1) });

/** The parsed text, or undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What iperf3 itself says went wrong; it writes that into its JSON and exits with 1. */
export function iperf3Error(result: Pick<ExecResult, 'stdout'>): string | undefined {
  const said = errorSchema.safeParse(parseJson(result.stdout));
  return said.success ? `iperf3: ${lastLine(said.data.error)}` : undefined;
}

function oldVersion(text: string): string | undefined {
  const match = /^iperf (\d+)\.(\d+)/.exec(text);
  if (!match) return `iperf3 names its version "${text.slice(0, 40)}", which is not understood.`;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const isOld = major < leastVersion.major || (major === leastVersion.major && minor < leastVersion.minor);
  return isOld ? `${text} has one thread for all streams; 3.16 or newer is needed at both ends.` : undefined;
}

/** Where the JSON differs from what it has to be, as a sentence. */
export function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  return `iperf3's JSON is not what it has to be at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`;
}

/** Mean rate of a transfer. */
export const bitsPerSecondOf = (transfer: { bytes: number; seconds: number }) =>
  (transfer.bytes * 8) / transfer.seconds;

function cpuOf(cpu: z.infer<typeof cpuSchema>, streams: number): { metrics: Metric[]; warnings: string[] } {
  const ends = [
    { kind: kinds.cpuClient, name: 'client', cores: cpu.host_total / 100 },
    { kind: kinds.cpuServer, name: 'server', cores: cpu.remote_total / 100 },
  ];
  const warnings = ends
    .filter((end) => end.cores >= saturatedCores * streams)
    .map(
      (end) =>
        `iperf3's ${end.name} kept ${end.cores.toFixed(2)} cores busy: it may be the bottleneck itself.`,
    );
  return { metrics: ends.map((end) => measured(end.kind, end.cores)), warnings };
}

function misfit(transfer: { seconds: number; bytes: number }, durationSeconds: number): string | undefined {
  if (transfer.bytes === 0) return 'Not one byte reached the receiver.';
  if (transfer.seconds < durationSeconds * leastMeasuredShare) {
    return `iperf3 measured ${transfer.seconds.toFixed(2)} s of the ${durationSeconds} s asked for.`;
  }
  if (transfer.seconds > durationSeconds * mostMeasured.share + mostMeasured.seconds) {
    return `iperf3 took ${transfer.seconds.toFixed(2)} s for the ${durationSeconds} s asked for: an end of it stood still.`;
  }
  return undefined;
}

/** Reads the `-J` output of an iperf3 ≥ 3.16 client that ran for `durationSeconds`. */
export function parseIperf3(stdout: string, options: Iperf3Options, durationSeconds: number): Parsed {
  const json = parseJson(stdout);
  if (json === undefined) return refused("iperf3's output is not whole JSON.");
  const said = errorSchema.safeParse(json);
  if (said.success) return refused(`iperf3: ${lastLine(said.data.error)}`);
  const start = z.object({ start: startSchema }).safeParse(json);
  if (!start.success) return refused(issueText(start.error));
  const old = oldVersion(start.data.start.version);
  if (old) return refused(old);
  const expected = options.udp ? 'UDP' : 'TCP';
  const { protocol } = start.data.start.test_start;
  if (protocol !== expected) return refused(`iperf3 ran over ${protocol} where ${expected} was asked for.`);
  return options.udp ? parseUdp(json, options, durationSeconds) : parseTcp(json, options, durationSeconds);
}

function parseTcp(json: unknown, options: Iperf3Options, durationSeconds: number): Parsed {
  const output = tcpSchema.safeParse(json);
  if (!output.success) return refused(issueText(output.error));
  const { start, end } = output.data;
  const received = [end.sum_received];
  const sent = [end.sum_sent];
  if (options.direction === 'both') {
    if (!end.sum_received_bidir_reverse || !end.sum_sent_bidir_reverse)
      return refused('iperf3 gave no reverse sums.');
    received.push(end.sum_received_bidir_reverse);
    sent.push(end.sum_sent_bidir_reverse);
  }
  for (const transfer of received) {
    const short = misfit(transfer, durationSeconds);
    if (short) return refused(short);
  }
  const cpu = cpuOf(end.cpu_utilization_percent, options.streams * received.length);
  const metrics = [
    measured(
      kinds.goodput,
      received.reduce((sum, each) => sum + bitsPerSecondOf(each), 0),
    ),
  ];
  if (options.direction === 'both') {
    const [forward, reverse] = received as [typeof end.sum_received, typeof end.sum_received];
    metrics.push(measured(kinds.goodputForward, bitsPerSecondOf(forward)));
    metrics.push(measured(kinds.goodputReverse, bitsPerSecondOf(reverse)));
  }
  const retransmits = sent.map((each) => each.retransmits);
  if (retransmits.every((each) => each !== undefined)) {
    metrics.push(
      measured(
        kinds.retransmits,
        retransmits.reduce((sum, each) => sum + each, 0),
      ),
    );
  }
  if (start.tcp_mss_default) metrics.push(measured(kinds.mss, start.tcp_mss_default));
  metrics.push(...cpu.metrics);
  const payloadBytes = received.reduce((sum, each) => sum + each.bytes, 0);
  return { type: 'parsed', metrics, payloadBytes, warnings: cpu.warnings };
}

function parseUdp(json: unknown, options: Iperf3Options, durationSeconds: number): Parsed {
  const output = udpSchema.safeParse(json);
  if (!output.success) return refused(issueText(output.error));
  const { end } = output.data;
  const received = end.sum_received;
  const short = misfit(received, durationSeconds);
  if (short) return refused(short);
  if (received.packets === 0) return refused('iperf3 counted bytes but no datagram.');
  const cpu = cpuOf(end.cpu_utilization_percent, options.streams);
  const loss = Math.min(1, Math.max(0, received.lost_packets / received.packets));
  const metrics = [
    measured(kinds.goodput, bitsPerSecondOf(received)),
    measured(kinds.loss, loss),
    measured(kinds.jitter, received.jitter_ms / 1e3),
    ...cpu.metrics,
  ];
  return { type: 'parsed', metrics, payloadBytes: received.bytes, warnings: cpu.warnings };
}
