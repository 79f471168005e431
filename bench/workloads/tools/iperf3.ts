import type { Outcome, PortSlot, ServerPlace, ServerSpec, TrialSettings, WorkloadPair } from '../workload.ts';
import { effectiveMss, withEffectiveMss } from './effective-mss.ts';
import { type Iperf3Options, iperf3Error, iperf3TurnedAway, parseIperf3 } from './iperf3-output.ts';
import { deadlineFor, runTool, wholeSeconds } from './tool-run.ts';

/** A second server stands by for a load beside another test: one iperf3 server takes one test at a time. */
export type Iperf3Slot = Extract<PortSlot, 'iperf3' | 'iperf3-b'>;

/**
 * A server that outlives aborted clients: one that is killed closes its control connection, and one that vanishes
 * without a word is given up after the time-outs. `--idle-timeout` is left out: it reopens the listening socket
 * every so often, and a client that comes at that moment is refused.
 */
export function iperf3Server(pair: ServerPlace, slot: Iperf3Slot = 'iperf3'): ServerSpec {
  return {
    argv: [
      ...['iperf3', '-s', '-B', pair.listenAddress, '-p', String(pair.ports[slot])],
      ...['--rcv-timeout', '10000', '--snd-timeout', '10000'],
    ],
    slot,
    ready: 'tcp',
  };
}

/** How long a client runs: for whole seconds, of which some at the start do not count; or as its own options say. */
export type Iperf3Length = (
  | { readonly durationSeconds: number; readonly omitSeconds: number }
  | { readonly length: readonly string[] }
) & {
  /** Between reports, which JSON keeps as intervals; 0.1 is iperf3's least. */
  readonly reportSeconds?: number;
};

function lengthArgv(time: Iperf3Length): readonly string[] {
  if ('length' in time) return time.length;
  const omitted = time.omitSeconds > 0 ? ['-O', String(time.omitSeconds)] : [];
  return ['-t', String(time.durationSeconds), ...omitted];
}

export function iperf3Argv(
  pair: WorkloadPair,
  options: Iperf3Options,
  time: Iperf3Length,
  slot: Iperf3Slot = 'iperf3',
): string[] {
  const { udp } = options;
  const { mss } = pair.scenario.options;
  return [
    ...['iperf3', '-c', pair.serverAddress, '-p', String(pair.ports[slot]), '-J'],
    ...['-i', String(time.reportSeconds ?? 1), '--connect-timeout', '5000', ...lengthArgv(time)],
    ...(mss !== undefined && !udp ? ['-M', mss] : []),
    ...(options.streams > 1 ? ['-P', String(options.streams)] : []),
    ...(options.pacedBitsPerSecond ? ['-b', String(Math.round(options.pacedBitsPerSecond))] : []),
    ...(options.messageBytes ? ['-l', String(options.messageBytes)] : []),
    ...(options.direction === 'reverse' ? ['-R'] : options.direction === 'both' ? ['--bidir'] : []),
    ...(udp ? ['-u', '-b', String(Math.round(udp.bitsPerSecond / options.streams))] : []),
    ...(udp ? ['-l', String(udp.datagramBytes), '--udp-counters-64bit'] : []),
  ];
}

/** Runs iperf3 once, for whole seconds; where the scenario bounds TCP's segments it tells the size that was effective. */
export async function runIperf3(
  pair: WorkloadPair,
  options: Iperf3Options,
  time: { readonly durationSeconds: number; readonly omitSeconds: number },
  slot: Iperf3Slot = 'iperf3',
): Promise<Outcome> {
  const test = runTool(pair.client, {
    tool: 'iperf3',
    argv: iperf3Argv(pair, options, time, slot),
    deadlineSeconds: deadlineFor(time.durationSeconds + time.omitSeconds),
    explain: iperf3Error,
    hiccup: iperf3TurnedAway,
    parse: (result) => parseIperf3(result.stdout, options, time.durationSeconds),
  });
  if (pair.scenario.options.mss === undefined || options.udp) return test;
  const [outcome, mss] = await Promise.all([test, effectiveMss(pair.client, pair.ports[slot])]);
  return withEffectiveMss(outcome, mss);
}

/** One iperf3 trial; iperf3 takes whole seconds only (a fraction is cut off, and 0 means for ever). */
export function measureIperf3(
  pair: WorkloadPair,
  settings: TrialSettings,
  options: Iperf3Options,
): Promise<Outcome> {
  return runIperf3(pair, options, {
    durationSeconds: wholeSeconds(settings.durationSeconds, 1),
    omitSeconds: wholeSeconds(settings.omitSeconds, 0),
  });
}
