import { inWords } from '../../../results/reasons.ts';
import { percentileNanoseconds } from '../../../results/statistics/histogram.ts';
import type { TrialWarning } from '../../../results/warnings.ts';
import { said } from '../../engine/words.ts';
import { kinds, measured, type Parsed, refused, toOutcome } from '../metrics.ts';
import { given, parsedFigures } from '../possible.ts';
import { carries } from '../rtt-metrics.ts';
import type { CountedWork, Outcome, TrialSettings, WorkloadPair } from '../workload.ts';
import { withFile } from './file.ts';
import { countsToHistogram } from './latency-counts.ts';
import { deadlineFor, runTool, wholeSeconds } from './tool-run.ts';

/** Docker's embedded resolver, in every container of a user-defined network. */
const resolver = '127.0.0.11';
const outstandingQueries = 16;

function dnsperfArgv(queryFile: string, limit: readonly string[]): string[] {
  return [
    ...['dnsperf', '-s', resolver, '-d', queryFile, ...limit, '-c', '1', '-T', '1'],
    ...['-q', String(outstandingQueries), '-t', '1', '-O', 'latency-histogram'],
  ];
}

/**
 * Counted by query, of which each is one call of dnsperf's sending thread. The engine answers them, so that it can't be
 * held, and what else it does meanwhile is in the figure.
 */
export const countedDns: CountedWork = {
  ...{ unit: 'query', unitsPerCall: 1, call: 'sendto', task: 'perf-send-0000', daemonOnPath: 'dockerd' },
  ...{ warmUpCalls: 100, windowCalls: [100, 600] },
  rate: (secondsPerUnit) => measured(kinds.queries, 1 / secondsPerUnit),
  argv: ({ serverName }, calls) => {
    if (!serverName) throw new Error('the server has no name in this network');
    // A file of one query, gone through so many times.
    const script = 'printf "%s A\\n" "$0" >queries && exec "$@"';
    return ['sh', '-c', script, serverName, ...dnsperfArgv('queries', ['-n', String(calls)])];
  },
  parse: (raw) => toOutcome(parseDnsperf(raw), raw),
};

const number = String.raw`(\d{1,15}(?:\.\d{1,9})?)`;
/** The lines that carry figures, each exactly once (dnsperf 2.14). */
const lines = {
  sent: new RegExp(`^  Queries sent: +${number}$`, 'gm'),
  completed: new RegExp(`^  Queries completed: +${number} \\(`, 'gm'),
  lost: new RegExp(`^  Queries lost: +${number} \\(`, 'gm'),
  seconds: new RegExp(`^  Run time \\(s\\): +${number}$`, 'gm'),
} as const;
const codesLine = /^ {2}Response codes: {1,20}(\S.{0,400})$/m;
const allAnswered = /^NOERROR \d+ \(100\.00%\)$/;
const packetLine = /^ {2}Average packet size: +request (\d{1,6}), response (\d{1,6})$/m;
const bucketLine = /^ {2}(\d{1,9}\.\d{6}) - (\d{1,9}\.\d{6}): {2,40}(\d{1,15})$/gm;

/** Reads dnsperf's output with its latency histogram. */
export function parseDnsperf(stdout: string): Parsed {
  const found: Record<string, number> = {};
  for (const [name, pattern] of Object.entries(lines)) {
    const matches = [...stdout.matchAll(pattern)];
    if (matches.length !== 1)
      return refused(`dnsperf's output has ${matches.length} lines for "${name}", not one.`);
    found[name] = Number(matches[0]?.[1]);
  }
  const { sent = 0, completed = 0, lost = 0, seconds = 0 } = found;
  if (completed <= 0 || seconds <= 0) {
    return refused(`The resolver answered no query${lost > 0 ? `: ${lost} of ${sent} were lost` : ''}.`);
  }
  const codes = said(codesLine.exec(stdout)?.[1] ?? '');
  if (!allAnswered.test(codes)) {
    return refused(`The resolver did not answer every query with NOERROR: ${codes || 'no codes given'}.`);
  }
  const packet = packetLine.exec(stdout);
  const counts = [...stdout.matchAll(bucketLine)].map((match): [number, number, number] => [
    Math.round(Number(match[1]) * 1e9),
    Math.round(Number(match[2]) * 1e9),
    Number(match[3]),
  ]);
  const counted = counts.reduce((sum, [, , times]) => sum + times, 0);
  const isWhole = counted === completed && counts.every(([low, high, times]) => low <= high && times > 0);
  const middles = counts.map(([low, high, times]): [number, number] => [(low + high) / 2, times]);
  const histogram = isWhole ? countsToHistogram(middles) : undefined;
  const at = (share: number) => ((histogram && percentileNanoseconds(histogram, share)) ?? Number.NaN) / 1e9;
  const tool = 'dnsperf';
  const warnings: TrialWarning[] = [
    ...(isWhole ? [] : [{ code: 'histogram-not-whole' as const, tool, counted, answers: completed }]),
    ...(packet ? [] : [{ code: 'packet-sizes-unknown' as const, tool }]),
  ];
  const latencies = [
    ...(carries(completed, 0.5) ? [given(kinds.latencyP50, at(0.5))] : []),
    ...(carries(completed, 0.9) ? [given(kinds.latencyP90, at(0.9))] : []),
    ...(carries(completed, 0.99) ? [given(kinds.latencyP99, at(0.99))] : []),
  ];
  return parsedFigures(
    'dnsperf',
    [
      given(kinds.queries, completed / seconds),
      ...(histogram ? latencies : []),
      given(kinds.loss, sent > 0 ? lost / sent : undefined),
    ],
    {
      ...(histogram ? { histogram } : {}),
      transactions: completed,
      ...(packet ? { payloadBytes: completed * (Number(packet[1]) + Number(packet[2])) } : {}),
      measuredSeconds: seconds,
      warnings,
    },
  );
}

/** One trial: A queries for the server's name in the pair's network, asked by the client of its own resolver. */
export async function measureDnsperf(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome> {
  const name = pair.serverName;
  if (!name) return { type: 'failed', reason: inWords('The server has no name in this network.'), raw: '' };
  const durationSeconds = wholeSeconds(settings.durationSeconds, 1);
  return runTool(pair.client, {
    tool: 'dnsperf',
    ...(await withFile(pair.client, 'queries', `${name} A\n`, (file) =>
      dnsperfArgv(file, ['-l', String(durationSeconds)]),
    )),
    deadlineSeconds: deadlineFor(durationSeconds),
    parse: (result) => parseDnsperf(result.stdout),
  });
}
