import type { TrialWarning } from '../../../results/warnings.ts';
import { said } from '../../engine/words.ts';
import { kinds, type Parsed, refused, toOutcome } from '../metrics.ts';
import { given, parsedFigures } from '../possible.ts';
import { rttMetrics } from '../rtt-metrics.ts';
import type { Outcome, ServerPlace, ServerSpec, TrialSettings, WorkloadPair } from '../workload.ts';
import { brokenEnd, deadlineFor, rawOutput, wholeSeconds } from './tool-run.ts';

/** sockperf drops the first 400 ms and the last 50 ms of a run from its samples (its TEST_START_WARMUP_MSEC and kin). */
const trimmedSeconds = 0.45;
/** A ping-pong whose last answer is this far from the run’s end stood still: it has lost a datagram and never sends again. */
const longestGapSeconds = 0.15;
/** Smallest message: sockperf's own header. */
const messageBytes = 14;

/**
 * The UDP server. Its readiness is seen in its own socket table: a reply to sockperf's own client would take that
 * client's three and a half seconds.
 */
export function sockperfServer(pair: ServerPlace): ServerSpec {
  const argv = ['sockperf', 'server', '-i', pair.listenAddress, '-p', String(pair.ports.sockperf)];
  return { argv, slot: 'sockperf', ready: 'udp-bound' };
}

/**
 * `--no-rdtsc` is left out: with it 3.7 mistakes the unit of its clock and drops nine tenths of the samples.
 * @param logFile where each sample's times go, at the client
 */
function sockperfArgv(pair: WorkloadPair, runSeconds: number, logFile: string): string[] {
  return [
    ...['sockperf', 'ping-pong', '-i', pair.serverAddress, '-p', String(pair.ports.sockperf)],
    ...['-t', String(runSeconds), '-m', String(messageBytes), '--full-rtt', '--full-log', logFile],
  ];
}

interface Samples {
  readonly rttNanoseconds: readonly number[];
  /** From the first sample's sending to the last one's arrival. */
  readonly spanSeconds: number;
  readonly dropped: number;
  readonly warnings: readonly TrialWarning[];
}

const sampleLine = /^(\d+), (\d+)\.(\d{9}), (\d+)\.(\d{9}), (\d+\.\d{3})$/;
const droppedLine =
  /# dropped messages = (\d+); # duplicated messages = (\d+); # out-of-order messages = (\d+)/;
const header = 'packet, txTime(sec), rxTime(sec), rtt(usec)';

/** Of all samples, the share that may be nonsense before the whole trial is. */
const mostOddShare = 0.001;

function readLog(log: string): Samples | string {
  if (log.includes('No messages were received')) return 'sockperf got no answer from its server.';
  const table = log.startsWith(`${header}\n`) ? 0 : log.indexOf(`\n${header}\n`) + 1;
  if (table === 0 && !log.startsWith(header)) return tableMissing(log);
  const dropped = droppedLine.exec(log.slice(0, table));
  if (!dropped) return "sockperf's log has no count of dropped messages.";
  const rttNanoseconds: number[] = [];
  let [first, last] = [Number.NaN, Number.NaN];
  let [lines, odd] = [0, 0];
  for (let at = table + header.length + 1; at < log.length; ) {
    const end = log.indexOf('\n', at);
    const line = log.slice(at, end < 0 ? log.length : end);
    at = end < 0 ? log.length : end + 1;
    if (line.startsWith('------')) {
      if (rttNanoseconds.length === 0) return 'sockperf kept no sample: the run was too short.';
      if (odd > lines * mostOddShare)
        return `sockperf gives answers before their questions in ${odd} of ${lines} samples.`;
      return {
        rttNanoseconds,
        spanSeconds: last - first,
        dropped: Number(dropped[1]),
        warnings: [
          ...oddities(dropped),
          ...(odd > 0
            ? [{ code: 'samples-left-out', tool: 'sockperf', odd, of: lines, unit: 'samples' } as const]
            : []),
        ],
      };
    }
    const match = line.length < 120 ? sampleLine.exec(line) : null;
    if (!match || Number(match[1]) !== lines)
      return `sockperf's log is broken at: ${said(line).slice(0, 80)}`;
    lines += 1;
    const rtt = (Number(match[4]) - Number(match[2])) * 1e9 + Number(match[5]) - Number(match[3]);
    if (!(rtt >= 0 && rtt < 3.6e12)) {
      odd += 1;
      continue;
    }
    if (rttNanoseconds.length === 0) first = Number(`${match[2]}.${match[3]}`);
    last = Number(`${match[4]}.${match[5]}`);
    rttNanoseconds.push(rtt);
  }
  return "sockperf's log is cut off.";
}

/** sockperf's own error, where that is why there is no table. */
function tableMissing(log: string): string {
  const error = /^.{0,60}ERROR: .{1,300}$/m.exec(log.slice(0, 65_536))?.[0];
  return error ? `sockperf said: ${said(error)}` : "sockperf's log has no table of round trips.";
}

function oddities(counts: RegExpExecArray): TrialWarning[] {
  const [duplicated, disordered] = [Number(counts[2]), Number(counts[3])];
  return [
    ...(duplicated > 0 ? [{ code: 'answers-doubled' as const, count: duplicated }] : []),
    ...(disordered > 0 ? [{ code: 'answers-disordered' as const, count: disordered }] : []),
  ];
}

/** Reads the `--full-log` file of `sockperf ping-pong --full-rtt` (3.7) that ran for `runSeconds`. */
export function parseSockperf(log: string, runSeconds: number): Parsed {
  const samples = readLog(log);
  if (typeof samples === 'string') return refused(samples);
  const expectedSeconds = runSeconds - trimmedSeconds;
  if (samples.dropped > 0 || samples.spanSeconds < expectedSeconds - longestGapSeconds) {
    const span = samples.spanSeconds.toFixed(2);
    return refused(
      `A datagram was lost and the ping-pong stood still: ${span} s of ${expectedSeconds.toFixed(2)} s measured.`,
    );
  }
  const { metrics, histogram } = rttMetrics(samples.rttNanoseconds);
  const figures = metrics.map(({ value, ...kind }) => given(kind, value));
  if (metrics[0]?.name !== kinds.rttP50.name) {
    return refused(`sockperf kept ${samples.rttNanoseconds.length} samples, too few even for a median.`);
  }
  const transactions = samples.rttNanoseconds.length;
  return parsedFigures('sockperf', figures, {
    histogram,
    transactions,
    payloadBytes: transactions * messageBytes * 2,
    measuredSeconds: samples.spanSeconds,
    warnings: samples.warnings,
  });
}

/**
 * One ping-pong trial. sockperf takes whole seconds, trims 0.45 s of them, and sleeps 2.4 s around them; nothing
 * shortens that.
 */
export async function measureSockperf(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome> {
  const runSeconds = wholeSeconds(Math.ceil(settings.durationSeconds + trimmedSeconds), 1);
  const deadlineSeconds = deadlineFor(runSeconds);
  const logFile = `${await pair.client.folder()}/sockperf.csv`;
  const result = await pair.client.run(sockperfArgv(pair, runSeconds, logFile), { deadlineSeconds });
  // The histogram keeps what the log says of every round trip; the log itself is a megabyte for each second.
  const raw = rawOutput(result);
  try {
    const broken = brokenEnd('sockperf', result, deadlineSeconds);
    if (broken) return { type: 'failed', reason: broken, raw };
    const log = await pair.client.run(['cat', logFile], { deadlineSeconds });
    const unread = brokenEnd('Reading sockperf’s log', log, deadlineSeconds);
    if (unread) return { type: 'failed', reason: unread, raw };
    return toOutcome(parseSockperf(log.stdout, runSeconds), raw);
  } finally {
    await pair.client.run(['rm', '-f', logFile], { deadlineSeconds });
  }
}
