import { z } from 'zod';
import type { TrialWarning } from '../../../results/warnings.ts';
import { kinds, type Parsed, refused } from '../metrics.ts';
import { given, parsedFigures } from '../possible.ts';
import { rttMetrics } from '../rtt-metrics.ts';
import type { Outcome, ServerPlace, ServerSpec, TrialSettings, WorkloadPair } from '../workload.ts';
import { readToolJson } from './tool-json.ts';
import { deadlineFor, runTool } from './tool-run.ts';

/** A request falls due every two milliseconds; the timer of irtt's Go runtime has a grain of about one. */
const intervalNanoseconds = 2_000_000;
/** Payload bytes: irtt's header with room to spare. */
const datagramBytes = 64;
/** Of the seconds asked for, the share that lies between the first and the last request. */
const leastCoveredShare = 0.9;
/** From this share of left-out requests on, the trial says that the client was short of CPU. */
const notableShare = 0.1;

/** irtt waits a few seconds for late answers; nothing older comes. */
const longestNanoseconds = 60e9;
/** Of all requests, the share whose round trip may be nonsense before the whole trial is. */
const mostOddShare = 0.001;

const endpoint = (address: string, port: number) =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** `-i 0`: no least interval (its default is 10 ms); `--gc=idle`: no garbage collection while a test runs. */
export function irttServer(pair: ServerPlace): ServerSpec {
  const { irtt: port } = pair.ports;
  return {
    argv: ['irtt', 'server', '-i', '0', '--gc=idle', '-b', endpoint(pair.listenAddress, port)],
    slot: 'irtt',
    ready: { argv: ['irtt', 'client', '-n', '-Q', '--timeouts=500ms', endpoint(pair.serverAddress, port)] },
  };
}

/** `--wait=3x1s`: after the last request, wait three times the longest RTT seen, or a second where none came. */
export function irttArgv(pair: WorkloadPair, durationSeconds: number): string[] {
  return [
    ...['irtt', 'client', '-d', `${Math.round(durationSeconds * 1000)}ms`, '-i', `${intervalNanoseconds}ns`],
    ...['-l', String(datagramBytes), '--tstamp=none', '--stats=none', '--clock=monotonic', '--wait=3x1s'],
    ...['-Q', '-o', '-', endpoint(pair.serverAddress, pair.ports.irtt)],
  ];
}

const nanoseconds = z.number().int().nonnegative();
const tripSchema = z.object({
  seqno: nanoseconds,
  lost: z.enum(['false', 'true', 'true_up', 'true_down']),
  timestamps: z.object({ client: z.object({ send: z.object({ monotonic: nanoseconds }) }) }),
  delay: z.object({ rtt: z.unknown().optional() }),
});
const outputSchema = z.object({
  version: z.object({ irtt: z.string(), json_format: z.literal(1) }),
  config: z.object({
    params: z.object({ interval: z.number().positive(), duration: z.number().positive() }),
  }),
  round_trips: z.array(tripSchema).min(2),
});

export interface Trip {
  readonly sentNanoseconds: number;
  /** Absent for a lost one. */
  readonly rttNanoseconds: number | undefined;
}

/**
 * Round trips of all requests that fell due, in nanoseconds. The server's stalls delay no request of an open loop, but
 * the client's own do: irtt leaves out what falls due while it can't send, and those are the very requests a stall
 * hits (coordinated omission). So a gap of more than two intervals between sends is filled up: each left-out request
 * counts as if it had waited for the next one that got away (Gil Tene's correction, here on the sending side). Smaller
 * gaps are the millisecond grain of the client's timer and no stall: they are left alone.
 */
export function roundTripsOfDue(
  trips: readonly Trip[],
  interval: number,
): { readonly latencies: readonly number[]; readonly filledIn: number } {
  const latencies: number[] = [];
  let filledIn = 0;
  trips.forEach((trip, index) => {
    const gap = trip.sentNanoseconds - (trips[index - 1]?.sentNanoseconds ?? trip.sentNanoseconds);
    const leftOut = gap > 2 * interval ? Math.floor(gap / interval) - 1 : 0;
    if (trip.rttNanoseconds === undefined) return;
    filledIn += leftOut;
    for (let place = 1; place <= leftOut; place += 1)
      latencies.push(trip.rttNanoseconds + gap - place * interval);
    latencies.push(trip.rttNanoseconds);
  });
  return { latencies, filledIn };
}

/** The requests of one test, in the order in which they were sent. */
export interface Trips {
  readonly trips: readonly Trip[];
  readonly intervalNanoseconds: number;
  readonly warnings: readonly TrialWarning[];
}

/** Reads the JSON of irtt 0.9's client (json_format 1); what is wrong with it as a sentence. */
export function parseTrips(stdout: string): Trips | string {
  const json = readToolJson('irtt', stdout);
  if (json.type === 'none') return json.reason;
  const output = outputSchema.safeParse(json.value);
  if (!output.success) {
    const issue = output.error.issues[0];
    return `irtt's JSON is not what it has to be at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`;
  }
  const { params } = output.data.config;
  const trips: Trip[] = [];
  let odd = 0;
  for (const trip of output.data.round_trips) {
    const sentNanoseconds = trip.timestamps.client.send.monotonic;
    if (sentNanoseconds < (trips.at(-1)?.sentNanoseconds ?? 0)) return 'irtt’s requests are out of order.';
    const isLost = trip.lost !== 'false';
    const { rtt } = trip.delay;
    if (isLost) trips.push({ sentNanoseconds, rttNanoseconds: undefined });
    else if (typeof rtt === 'number' && rtt > 0 && rtt < longestNanoseconds)
      trips.push({ sentNanoseconds, rttNanoseconds: rtt });
    else odd += 1;
  }
  const sent = output.data.round_trips.length;
  if (odd > sent * mostOddShare) return `irtt gave no usable round trip for ${odd} of ${sent} requests.`;
  if (trips.every((trip) => trip.rttNanoseconds === undefined))
    return `All ${trips.length} requests were lost.`;
  const span = spanOf(trips) + params.interval;
  if (span < params.duration * leastCoveredShare || span > params.duration * 2) {
    return `irtt sent for ${(span / 1e9).toFixed(2)} s of the ${params.duration / 1e9} s asked for.`;
  }
  const oddOnes = {
    code: 'samples-left-out' as const,
    tool: 'irtt',
    odd,
    of: sent,
    unit: 'requests' as const,
  };
  const warnings = [...json.warnings, ...(odd > 0 ? [oddOnes] : [])];
  return { trips, intervalNanoseconds: params.interval, warnings };
}

const spanOf = (trips: readonly Trip[]) =>
  (trips.at(-1)?.sentNanoseconds ?? 0) - (trips[0]?.sentNanoseconds ?? 0);

/** The figures of requests that followed one another. */
export function summariseTrips({ trips, intervalNanoseconds: interval, warnings }: Trips): Parsed {
  const answered = trips.filter((trip) => trip.rttNanoseconds !== undefined).length;
  if (answered === 0) return refused(`All ${trips.length} requests were lost.`);
  const { latencies, filledIn } = roundTripsOfDue(trips, interval);
  const { metrics, histogram } = rttMetrics(latencies);
  const share = filledIn / latencies.length;
  const figures = [
    ...metrics.map(({ value, ...kind }) => given(kind, value)),
    given(kinds.loss, 1 - answered / trips.length),
  ];
  return parsedFigures('irtt', figures, {
    histogram,
    transactions: answered,
    // Of a trip that is lost it is not known how far it came.
    payloadBytes: 2 * answered * datagramBytes,
    measuredSeconds: (spanOf(trips) + interval) / 1e9,
    warnings: [...warnings, ...(share >= notableShare ? [{ code: 'client-behind' as const, share }] : [])],
  });
}

/** Reads the JSON of irtt 0.9's client as the figures of one trial. */
export function parseIrtt(stdout: string): Parsed {
  const parsed = parseTrips(stdout);
  return typeof parsed === 'string' ? refused(parsed) : summariseTrips(parsed);
}

/**
 * One open-loop trial.
 * @param gate what the command line is wrapped in, where it must begin together with others
 */
export async function measureIrtt(
  pair: WorkloadPair,
  settings: Pick<TrialSettings, 'durationSeconds'>,
  gate: (argv: readonly string[]) => readonly string[] = (argv) => argv,
): Promise<Outcome> {
  const outcome = await runTool(pair.client, {
    tool: 'irtt',
    argv: gate(irttArgv(pair, settings.durationSeconds)),
    deadlineSeconds: deadlineFor(settings.durationSeconds),
    parse: (result) => parseIrtt(result.stdout),
  });
  // The histogram keeps the round trips; listed one by one they are half a megabyte for each second.
  return outcome.type === 'measured' ? { ...outcome, raw: withoutTrips(outcome.raw) } : outcome;
}

/** As it is kept with the run: without the round trips one by one. */
export function withoutTrips(raw: string): string {
  const open = '"round_trips": [';
  const from = raw.indexOf(open);
  const to = raw.lastIndexOf('\n    ]');
  return from < 0 || to < from
    ? raw
    : `${raw.slice(0, from)}"round_trips": []${raw.slice(to + '\n    ]'.length)}`;
}
