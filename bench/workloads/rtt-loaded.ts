import { inWords } from '../../results/reasons.ts';
import type { Timeline } from '../../results/schema.ts';
import { percentileNanoseconds } from '../../results/statistics/histogram.ts';
import type { ExecResult } from '../engine/executor.ts';
import { kinds, toOutcome } from './metrics.ts';
import { given, parsedFigures } from './possible.ts';
import { rttKinds } from './rtt-metrics.ts';
import { binned } from './timeline.ts';
import { iperf3Argv, iperf3Server } from './tools/iperf3.ts';
import { type Interval, parseIntervals } from './tools/iperf3-intervals.ts';
import { iperf3Error, parseIperf3 } from './tools/iperf3-output.ts';
import { irttArgv, irttServer, parseTrips, summariseTrips, type Trips, withoutTrips } from './tools/irtt.ts';
import { gatedArgv, gatedStartSeconds, uptimeSeconds } from './tools/start-gate.ts';
import { brokenWords, deadlineFor, endedByItself, rawOutput } from './tools/tool-run.ts';
import type { Outcome, TrialSettings, Workload, WorkloadPair } from './workload.ts';

/** The stream's slow start is over by then. */
const rampSeconds = 0.3;
/** What is left out at the edges of the load: programs note their start to a hundredth and begin a little later. */
const edgeSeconds = 0.1;
/** Time for the engine to start both programs, which then wait for their moments. */
const leadSeconds = 0.4;
const rttBinSeconds = 0.05;
/** iperf3's least interval. */
const sentBinSeconds = 0.1;

/** Round-trip times while a TCP stream fills the same path, and how far they rise over idle. */
export const rttLoaded: Workload = {
  id: 'rtt-loaded',
  summary:
    'Round trips as in rtt-open, on the idle path, then while one TCP stream sends as fast as it can, then idle again (irtt beside iperf3). Its figures are those under load; the rise is the difference of the medians, and the record keeps how both went over time.',
  caveat:
    'Where both ends share a few cores the rise is mostly waiting for a core, not queueing in the network. Round trips count as under load from 0.3 s after its start. The rate over time is the sender’s, the goodput the receiver’s.',
  timing: 'the duration idle, as long again (up to a whole second) under load, half of it idle',
  traits: {
    answers: [
      { question: 'loaded-latency', metric: kinds.rttP99.name, rank: 1 },
      { question: 'loaded-latency', metric: kinds.rttP50.name, rank: 2 },
    ],
  },
  metrics: [...rttKinds, kinds.rttRise, kinds.loss, kinds.goodput],
  servers: (pair) => [irttServer(pair), iperf3Server(pair, 'iperf3-b')],
  measure: measureLoaded,
};

const stream = { streams: 1, direction: 'forward' } as const;

async function measureLoaded(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome> {
  const idleSeconds = settings.durationSeconds;
  const loadSeconds = Math.ceil(settings.durationSeconds + rampSeconds + edgeSeconds);
  const wholeSeconds = idleSeconds + loadSeconds + settings.durationSeconds / 2;
  const deadlineSeconds = deadlineFor(wholeSeconds);
  const at = (await uptimeSeconds(pair.client)) + leadSeconds;
  const time = { durationSeconds: loadSeconds, omitSeconds: 0, reportSeconds: sentBinSeconds };
  const load = iperf3Argv(pair, stream, time, 'iperf3-b');
  const [trips, sent] = await Promise.all([
    pair.client.run(gatedArgv(pair.client, irttArgv(pair, wholeSeconds), at), { deadlineSeconds }),
    pair.client.run(gatedArgv(pair.client, load, at + idleSeconds), { deadlineSeconds }),
  ]);
  const raw = [withoutTrips(rawOutput(trips)), rawOutput(sent)].join('\n');
  const fail = (reason: string): Outcome => ({ type: 'failed', reason: inWords(reason), raw });
  const rtt = brokenWords('irtt', trips, deadlineSeconds) ?? parseTrips(trips.stdout);
  if (typeof rtt === 'string') return fail(rtt);
  const broken = brokenLoad(sent, deadlineSeconds);
  if (broken) return fail(`The load failed: ${broken}`);
  const goodput = parseIperf3(sent.stdout, stream, loadSeconds);
  const intervals = parseIntervals(sent.stdout);
  if (goodput.type === 'refused') return fail(`The load failed: ${goodput.reason}`);
  if (typeof intervals === 'string') return fail(`The load failed: ${intervals}`);
  const [began, loadBegan] = [gatedStartSeconds(trips), gatedStartSeconds(sent)];
  if (began === undefined || loadBegan === undefined) return fail('A program did not say when it started.');
  const split = splitTrips(rtt, loadBegan - began, intervals.at(-1)?.endSeconds ?? 0);
  const loaded = summariseTrips(split.loaded);
  if (loaded.type === 'refused') return fail(`Under load: ${loaded.reason}`);
  const idle = summariseTrips(split.idle);
  if (idle.type === 'refused') return fail(`On the idle path: ${idle.reason}`);
  const rise = (median(loaded.histogram) - median(idle.histogram)) / 1e9;
  const all = summariseTrips(rtt);
  const figures = [
    ...loaded.metrics.map(({ value, ...kind }) => given(kind, value)),
    given(kinds.rttRise, rise),
    given(kinds.goodput, goodput.metrics.find(({ name }) => name === kinds.goodput.name)?.value),
  ];
  return toOutcome(
    parsedFigures('irtt', figures, {
      ...loaded,
      timeline: timelineOf(rtt, intervals, split),
      payloadBytes: (all.type === 'parsed' ? (all.payloadBytes ?? 0) : 0) + (goodput.payloadBytes ?? 0),
      warnings: [...loaded.warnings, ...goodput.warnings],
    }),
    raw,
  );
}

const median = (histogram: Parameters<typeof percentileNanoseconds>[0] | undefined) =>
  (histogram && percentileNanoseconds(histogram, 0.5)) ?? Number.NaN;

function brokenLoad(result: ExecResult, deadlineSeconds: number): string | undefined {
  const broken = brokenWords('iperf3', result, deadlineSeconds);
  return broken && ((endedByItself(result) && iperf3Error(result)) || broken);
}

export interface SplitTrips {
  readonly idle: Trips;
  readonly loaded: Trips;
  /** Seconds since the first request. */
  readonly loadFrom: number;
  readonly loadTo: number;
}

/** The requests before the load, and those under it once it is steady. What is at its edges is in neither. */
export function splitTrips(rtt: Trips, loadFrom: number, loadSeconds: number): SplitTrips {
  const loadTo = loadFrom + loadSeconds;
  const first = rtt.trips[0]?.sentNanoseconds ?? 0;
  const between = (from: number, to: number): Trips => ({
    ...rtt,
    trips: rtt.trips.filter(({ sentNanoseconds }) => {
      const seconds = (sentNanoseconds - first) / 1e9;
      return seconds >= from && seconds < to;
    }),
  });
  return {
    idle: between(0, loadFrom - edgeSeconds),
    loaded: between(loadFrom + rampSeconds, loadTo - edgeSeconds),
    loadFrom,
    loadTo,
  };
}

function timelineOf(
  { trips }: Trips,
  intervals: readonly Interval[],
  { loadFrom, loadTo }: SplitTrips,
): Timeline {
  const first = trips[0]?.sentNanoseconds ?? 0;
  const samples = trips.flatMap(({ sentNanoseconds, rttNanoseconds }) =>
    rttNanoseconds === undefined ? [] : [[(sentNanoseconds - first) / 1e9, rttNanoseconds / 1e9] as const],
  );
  const rates = intervals.map(
    ({ startSeconds, endSeconds, bytes }) =>
      [loadFrom + (startSeconds + endSeconds) / 2, (bytes * 8) / (endSeconds - startSeconds)] as const,
  );
  return {
    spans: [{ name: 'load', fromSeconds: loadFrom, toSeconds: loadTo }],
    series: [binned('rtt', 's', samples, rttBinSeconds), binned('sent', 'bit/s', rates, sentBinSeconds)],
  };
}
