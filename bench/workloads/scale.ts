import { trialReasonText } from '../../results/reason-text.ts';
import { inWords } from '../../results/reasons.ts';
import type { NetworkTraits } from '../../results/traits.ts';
import type { ExecResult } from '../engine/executor.ts';
import { fairnessIndex } from './fairness.ts';
import { kinds, toOutcome } from './metrics.ts';
import { given, parsedFigures } from './possible.ts';
import { startServers } from './readiness.ts';
import { rttKinds } from './rtt-metrics.ts';
import { iperf3Argv, iperf3Server } from './tools/iperf3.ts';
import { bytesBetween, type Interval, parseIntervals } from './tools/iperf3-intervals.ts';
import { irttServer, measureIrtt } from './tools/irtt.ts';
import { gatedArgv, gatedStartSeconds, uptimeSeconds } from './tools/start-gate.ts';
import { brokenWords, deadlineFor, endedByItself, rawOutput, wholeSeconds } from './tools/tool-run.ts';
import type { Outcome, TrialSettings, Workload, WorkloadPair } from './workload.ts';

const pairCounts = [1, 2, 4, 8] as const;

/** Time for the engine to start one program in each client; all then wait for one moment. */
const leadSeconds = { base: 0.3, perPair: 0.12 };
/** The tests run so much longer than what is wanted of their overlap. */
const spareSeconds = 1;
/** iperf3's least. */
const reportSeconds = 0.1;
/** Of the seconds asked for, how many all pairs must have sent at once. */
const leastOverlapShare = 0.8;

function unsupported({ stack, publishes }: NetworkTraits): string | undefined {
  if (stack === 'machine') return 'There are no containers that more could stand beside.';
  if (stack === 'shared') return 'Its two containers share one namespace, which has room for one pair.';
  return publishes && 'A port of the host can be published by one container only.';
}

function scale(count: number): Workload {
  return {
    id: `scale@pairs=${count}`,
    summary: `${count === 1 ? 'One pair' : `${count} pairs`} of containers on one network, a TCP connection each, from servers to clients as fast as they can (iperf3 -R); goodput is the sum at the clients over the seconds in which all sent. Beside them a UDP round trip every two milliseconds in the first pair (irtt).`,
    caveat:
      'Clients are started at one moment of one clock, to about a hundredth of a second. All containers share the machine’s cores: from about as many pairs as cores on it is the cores that are shared, not the network. Fairness over a second or two says nothing of the long run. Only the first pair’s path is witnessed.',
    timing: 'the duration and a second; the first trial of each pair also makes the containers',
    traits: { followed: [kinds.goodput.name, kinds.fairness.name, 'rtt-p50'] },
    metrics: [kinds.goodput, kinds.fairness, ...rttKinds, kinds.loss],
    servers: (pair) => [iperf3Server(pair), irttServer(pair)],
    usesCompanions: true,
    unsupported,
    prepare: async (pair) => {
      await membersOf(pair, count);
      return [];
    },
    measure: (pair, settings) => measureScale(pair, count, settings),
  };
}

/** The same network with 1, 2, 4 and 8 pairs at once. */
export const scales: readonly Workload[] = pairCounts.map(scale);

const serving = new WeakMap<WorkloadPair, Promise<void>>();

/** The pair and its companions, each with its server up. */
async function membersOf(pair: WorkloadPair, count: number): Promise<readonly WorkloadPair[]> {
  const companions = count > 1 ? await pair.companions?.(count - 1) : [];
  if (!companions) throw new Error('the pair has no containers that more could stand beside');
  for (const companion of companions) {
    const started = serving.get(companion) ?? startServers(companion, [streamOnly]);
    serving.set(companion, started);
    await started;
  }
  return [pair, ...companions];
}

const streamOnly = { servers: (pair: WorkloadPair) => [iperf3Server(pair)] };

/** One member's transfer, on the clock of the clients' machine. */
export interface Transfer {
  readonly startSeconds: number;
  /** Relative to `startSeconds`. */
  readonly intervals: readonly Interval[];
}

/** What all transfers did while all of them were under way. */
export function overlapOf(transfers: readonly Transfer[]): {
  readonly seconds: number;
  /** Bytes of each in that time. */
  readonly bytes: readonly number[];
} {
  const from = Math.max(...transfers.map(({ startSeconds }) => startSeconds));
  const to = Math.min(
    ...transfers.map(({ startSeconds, intervals }) => startSeconds + (intervals.at(-1)?.endSeconds ?? 0)),
  );
  const bytes = transfers.map(({ startSeconds, intervals }) =>
    bytesBetween(intervals, from - startSeconds, to - startSeconds),
  );
  return { seconds: Math.max(0, to - from), bytes };
}

async function measureScale(pair: WorkloadPair, count: number, settings: TrialSettings): Promise<Outcome> {
  const members = await membersOf(pair, count);
  const seconds = wholeSeconds(settings.durationSeconds, 1);
  const time = { durationSeconds: seconds + spareSeconds, omitSeconds: 0 };
  const deadlineSeconds = deadlineFor(time.durationSeconds) + leadSeconds.perPair * count;
  const at = (await uptimeSeconds(pair.client)) + leadSeconds.base + leadSeconds.perPair * count;
  const gate = (argv: readonly string[]) => gatedArgv(pair.client, argv, at);
  const [rtt, ...results] = await Promise.all([
    measureIrtt(pair, { durationSeconds: seconds }, gate),
    ...members.map((member) => {
      const argv = iperf3Argv(member, { streams: 1, direction: 'reverse' }, { ...time, reportSeconds });
      return member.client.run(gate(argv), { deadlineSeconds });
    }),
  ]);
  const raw = [...results.map(rawOutput), rtt.raw].join('\n');
  const transfers = results.map((result) => transferOf(result, deadlineSeconds));
  const broken = transfers.find((transfer) => typeof transfer === 'string');
  if (broken !== undefined) return { type: 'failed', reason: inWords(broken), raw };
  if (rtt.type === 'failed')
    return { ...rtt, reason: inWords(`The round trips beside it: ${trialReasonText(rtt.reason)}`), raw };
  const together = overlapOf(transfers as Transfer[]);
  if (together.seconds < seconds * leastOverlapShare) {
    const had = `${together.seconds.toFixed(2)} s of the ${seconds} s asked for`;
    return { type: 'failed', reason: inWords(`The pairs sent at once for ${had}.`), raw };
  }
  const total = together.bytes.reduce((sum, each) => sum + each, 0);
  const fairness = fairnessIndex(together.bytes);
  if (fairness === undefined)
    return { type: 'failed', reason: inWords('Not one byte reached a client.'), raw };
  const carried = (transfers as Transfer[]).map(({ intervals }) =>
    intervals.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const rttBytes = rtt.payloadBytes ?? 0;
  const figures = [
    given(kinds.goodput, (total * 8) / together.seconds),
    given(kinds.fairness, fairness),
    ...rtt.metrics.map(({ value, ...kind }) => given(kind, value)),
  ];
  const parsed = parsedFigures('iperf3', figures, {
    ...(rtt.histogram ? { histogram: rtt.histogram } : {}),
    payloadBytes: carried.reduce((sum, each) => sum + each, rttBytes),
    measuredSeconds: together.seconds,
    warnings: rtt.warnings,
  });
  const outcome = toOutcome(parsed, raw);
  return outcome.type === 'failed' ? outcome : { ...outcome, ownPayloadBytes: (carried[0] ?? 0) + rttBytes };
}

/** A client's transfer, or what went wrong. */
function transferOf(result: ExecResult, deadlineSeconds: number): Transfer | string {
  const intervals = parseIntervals(result.stdout);
  const broken = brokenWords('iperf3', result, deadlineSeconds);
  if (broken) return typeof intervals === 'string' && endedByItself(result) ? intervals : broken;
  if (typeof intervals === 'string') return intervals;
  const startSeconds = gatedStartSeconds(result);
  return startSeconds === undefined ? 'A client did not say when it started.' : { startSeconds, intervals };
}
