import { z } from 'zod';
import type { TrialWarning } from '../../../results/warnings.ts';
import type { ExecResult } from '../../engine/executor.ts';
import { lastLine, said } from '../../engine/words.ts';
import { kinds, type Parsed, refused } from '../metrics.ts';
import { type Given, given, parsedFigures } from '../possible.ts';
import { readToolJson } from './tool-json.ts';

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

/** A thread of the process itself, beside one for each stream. */
const controlThreads = 1;
/** Where a busy process is sampled, its share of the time may come out a little above what is possible. */
const samplingSlack = 1.1;

// What a trial is about is strict. What stands beside it may be anything, and is judged by itself.
const nonNegative = z.number().nonnegative();
const transferSchema = z.object({ seconds: z.number().positive(), bytes: nonNegative });
const sentSchema = transferSchema.extend({ retransmits: z.unknown().optional() });
const datagramsSchema = transferSchema.extend({
  packets: z.unknown().optional(),
  lost_packets: z.unknown().optional(),
  jitter_ms: z.unknown().optional(),
});
const startSchema = z.object({
  version: z.string(),
  tcp_mss_default: z.unknown().optional(),
  test_start: z.object({ protocol: z.enum(['TCP', 'UDP']) }),
});
const cpuSchema = z
  .object({ host_total: z.unknown().optional(), remote_total: z.unknown().optional() })
  .catch({ host_total: undefined, remote_total: undefined });
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
    sum_sent: transferSchema.extend({ packets: z.unknown().optional() }),
    sum_received: datagramsSchema,
    cpu_utilization_percent: cpuSchema,
  }),
});
const errorSchema = z.object({ error: z.string().min(1) });

/** iperf3's JSON, once it is certain that it is some and tells of no error; else why not, as a sentence. */
export function readIperf3(
  stdout: string,
): { readonly value: unknown; readonly warnings: readonly TrialWarning[] } | string {
  const json = readToolJson('iperf3', stdout);
  if (json.type === 'none') return json.reason;
  const error = errorSchema.safeParse(json.value);
  return error.success ? `iperf3: ${lastLine(error.data.error)}` : json;
}

/** What iperf3 itself says went wrong; it writes that into its JSON and exits with 1. */
export function iperf3Error(result: Pick<ExecResult, 'stdout'>): string | undefined {
  const json = readToolJson('iperf3', result.stdout);
  const error = errorSchema.safeParse(json.type === 'json' ? json.value : undefined);
  return error.success ? `iperf3: ${lastLine(error.data.error)}` : undefined;
}

/** Errors of a connection or of a server that is not done with the test before: they tell nothing of the path. */
const hiccups = new RegExp(
  [
    'server is busy',
    'unable to (?:connect|create a new|send|receive|read|write)',
    'control socket has closed',
    'Connection (?:reset|refused|timed out)',
    'Broken pipe',
    'server has terminated',
  ].join('|'),
  'i',
);
const turnedAwaySchema = z.object({
  intervals: z.array(z.unknown()).max(0).optional(),
  end: z.strictObject({}).optional(),
});

/** What a client said whose test broke off for a reason that passes. */
export function iperf3Hiccup(result: Pick<ExecResult, 'stdout'>): string | undefined {
  const error = iperf3Error(result);
  return error && hiccups.test(error) ? error : undefined;
}

/** The same of a client that had measured nothing yet. */
export function iperf3TurnedAway(result: Pick<ExecResult, 'stdout'>): string | undefined {
  const json = readToolJson('iperf3', result.stdout);
  const isEmpty = json.type === 'json' && turnedAwaySchema.safeParse(json.value).success;
  return isEmpty ? iperf3Hiccup(result) : undefined;
}

function oldVersion(text: string): string | undefined {
  const match = /^iperf (\d+)\.(\d+)/.exec(text);
  if (!match) return `iperf3 names its version "${said(text).slice(0, 40)}", which is not understood.`;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const isOld = major < leastVersion.major || (major === leastVersion.major && minor < leastVersion.minor);
  return isOld
    ? `${said(text)} has one thread for all streams; 3.16 or newer is needed at both ends.`
    : undefined;
}

/** Where the JSON differs from what it has to be, as a sentence. */
export function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  return `iperf3's JSON is not what it has to be at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`;
}

/** Mean rate of a transfer. */
export const bitsPerSecondOf = (transfer: { bytes: number; seconds: number }) =>
  (transfer.bytes * 8) / transfer.seconds;

const ratioOf = (part: unknown, whole: unknown): unknown =>
  typeof part === 'number' && typeof whole === 'number' ? part / whole : undefined;

function cpuOf(
  cpu: z.infer<typeof cpuSchema>,
  streams: number,
): { figures: Given[]; warnings: TrialWarning[] } {
  const mostCores = (streams + controlThreads) * samplingSlack;
  const ends = [
    { kind: kinds.cpuClient, name: 'client' as const, cores: ratioOf(cpu.host_total, 100) },
    { kind: kinds.cpuServer, name: 'server' as const, cores: ratioOf(cpu.remote_total, 100) },
  ];
  const warnings = ends.flatMap(({ name: end, cores }) =>
    typeof cores === 'number' && cores >= saturatedCores * streams && cores <= mostCores
      ? [{ code: 'tool-busy' as const, tool: 'iperf3', end, cores }]
      : [],
  );
  return { figures: ends.map((end) => given(end.kind, end.cores, mostCores)), warnings };
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
  const read = readIperf3(stdout);
  if (typeof read === 'string') return refused(read);
  const { value: json } = read;
  const start = z.object({ start: startSchema }).safeParse(json);
  if (!start.success) return refused(issueText(start.error));
  const old = oldVersion(start.data.start.version);
  if (old) return refused(old);
  const expected = options.udp ? 'UDP' : 'TCP';
  const { protocol } = start.data.start.test_start;
  if (protocol !== expected) return refused(`iperf3 ran over ${protocol} where ${expected} was asked for.`);
  const parse = options.udp ? parseUdp : parseTcp;
  return parse(json, options, durationSeconds, read.warnings);
}

function parseTcp(
  json: unknown,
  options: Iperf3Options,
  durationSeconds: number,
  warnings: readonly TrialWarning[],
): Parsed {
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
  const rates = received.map(bitsPerSecondOf);
  const cpu = cpuOf(end.cpu_utilization_percent, options.streams * received.length);
  const ways = [kinds.goodputForward, kinds.goodputReverse];
  const figures = [
    given(
      kinds.goodput,
      rates.reduce((sum, each) => sum + each, 0),
    ),
    ...(options.direction === 'both' ? ways.map((kind, index) => given(kind, rates[index])) : []),
    given(kinds.retransmits, sumOf(sent.map((each) => each.retransmits))),
    given(kinds.mss, start.tcp_mss_default),
    ...cpu.figures,
  ];
  const payloadBytes = received.reduce((sum, each) => sum + each.bytes, 0);
  return parsedFigures('iperf3', figures, { payloadBytes, warnings: [...warnings, ...cpu.warnings] });
}

/** The sum of what may be anything: the first that is no count in its stead, so that it is not lost in the others. */
function sumOf(counts: readonly unknown[]): unknown {
  let sum = 0;
  for (const count of counts) {
    if (typeof count !== 'number' || !(count >= 0)) return count;
    sum += count;
  }
  return sum;
}

/** The receiver may count a little more than the sender did at the moment at which both were asked. */
const countSlack = { share: 1.1, more: 1000 };

/** The receiver's share of lost datagrams; undefined where it counts more of them than were sent. */
function lossOf(received: z.infer<typeof datagramsSchema>, sent: { readonly packets?: unknown }): unknown {
  const { lost_packets: lost, packets } = received;
  const most =
    typeof sent.packets === 'number' && sent.packets > 0
      ? sent.packets * countSlack.share + countSlack.more
      : Number.POSITIVE_INFINITY;
  return typeof packets === 'number' && packets <= most ? ratioOf(lost, packets) : undefined;
}

function parseUdp(
  json: unknown,
  options: Iperf3Options,
  durationSeconds: number,
  warnings: readonly TrialWarning[],
): Parsed {
  const output = udpSchema.safeParse(json);
  if (!output.success) return refused(issueText(output.error));
  const { end } = output.data;
  const received = end.sum_received;
  const short = misfit(received, durationSeconds);
  if (short) return refused(short);
  if (received.packets === 0) return refused('iperf3 counted bytes but no datagram.');
  const cpu = cpuOf(end.cpu_utilization_percent, options.streams);
  const figures = [
    given(kinds.goodput, bitsPerSecondOf(received)),
    given(kinds.loss, lossOf(received, end.sum_sent)),
    // It is the mean of differences of transit times, of which none is longer than the test.
    given(kinds.jitter, ratioOf(received.jitter_ms, 1e3), received.seconds),
    ...cpu.figures,
  ];
  return parsedFigures('iperf3', figures, {
    payloadBytes: received.bytes,
    warnings: [...warnings, ...cpu.warnings],
  });
}
