import type { Metric } from '../../../results/schema.ts';
import { kinds, measured, type Parsed, refused } from '../metrics.ts';
import type { Outcome, ServerPlace, ServerSpec, TrialSettings, WorkloadPair } from '../workload.ts';
import { deadlineFor, runTool, wholeSeconds } from './tool-run.ts';

/** The omni selectors asked for, in the order in which netperf prints them. Latencies are in whole microseconds. */
const selectors = [
  'THROUGHPUT',
  'THROUGHPUT_UNITS',
  'ELAPSED_TIME',
  'MIN_LATENCY',
  'MEAN_LATENCY',
  'P50_LATENCY',
  'P90_LATENCY',
  'P99_LATENCY',
  'MAX_LATENCY',
  'LOCAL_SEND_CALLS',
] as const;
type Selector = (typeof selectors)[number];

export type NetperfTest = 'tcp-rr' | 'udp-rr' | 'tcp-crr';

/** A closed loop spends its time in transactions; where less than this share is accounted for, it stood still. */
const leastAccountedShare = 0.95;

const family = (address: string): '4' | '6' => (address.includes(':') ? '6' : '4');

/** netserver forks for each control connection, so an aborted client leaves it ready for the next. */
export function netserver(pair: ServerPlace): ServerSpec {
  const port = String(pair.ports.netperf);
  const address = pair.listenAddress;
  return {
    argv: ['netserver', '-D', `-${family(address)}`, '-L', address, '-p', port],
    slot: 'netperf',
    moreSlots: ['netperf-data'],
    ready: 'tcp',
  };
}

/** When a trial ends: after seconds, or after so many transactions. */
type Length = { readonly seconds: number } | { readonly transactions: number };

/**
 * netperf's client for a request/response test with one byte each way. `-j` keeps latencies; `-P ,port` fixes the
 * server's data port, since only the pair's slots are reachable through a published port. CPU is not asked for: it
 * would cost four seconds of calibration per call.
 */
export function netperfArgv(pair: WorkloadPair, test: NetperfTest, length: Length): string[] {
  const name = { 'tcp-rr': 'TCP_RR', 'udp-rr': 'UDP_RR', 'tcp-crr': 'TCP_CRR' }[test];
  const limit = 'seconds' in length ? length.seconds : -length.transactions;
  return [
    'netperf',
    ...['-H', `${pair.serverAddress},${family(pair.serverAddress)}`, '-p', String(pair.ports.netperf)],
    ...['-t', name, '-l', String(limit), '-P', '0', '-j'],
    '--',
    ...['-r', '1,1', '-P', `,${pair.ports['netperf-data']}`, '-k', selectors.join(',')],
  ];
}

function readFields(stdout: string): Map<Selector, string> | string {
  const fields = new Map<Selector, string>();
  for (const line of stdout.split('\n')) {
    if (line.trim() === '') continue;
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line);
    const key = selectors.find((selector) => selector === match?.[1]);
    if (!match || !key) return `netperf printed a line that it was not asked for: ${line.slice(0, 120)}`;
    if (fields.has(key)) return `netperf printed ${key} twice.`;
    fields.set(key, match[2] ?? '');
  }
  if (!stdout.endsWith('\n')) return "netperf's output is cut off in its last line.";
  const missing = selectors.find((selector) => !fields.has(selector));
  return missing ? `netperf's output ends before ${missing}.` : fields;
}

/** Reads netperf's `-k` output (netperf 2.7, omni tests). */
export function parseNetperf(stdout: string, test: NetperfTest): Parsed {
  const fields = readFields(stdout);
  if (typeof fields === 'string') return refused(fields);
  const units = fields.get('THROUGHPUT_UNITS');
  if (units !== 'Trans/s') return refused(`netperf measured in ${units}, not in Trans/s.`);
  const numbers = new Map<Selector, number>();
  for (const selector of selectors) {
    if (selector === 'THROUGHPUT_UNITS') continue;
    const text = fields.get(selector) ?? '';
    const value = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
    if (value === undefined)
      return refused(`netperf gave "${text.slice(0, 40)}" for ${selector}, which is no figure.`);
    numbers.set(selector, value);
  }
  const number = (selector: Selector) => numbers.get(selector) ?? 0;
  const rate = number('THROUGHPUT');
  const elapsedSeconds = number('ELAPSED_TIME');
  const count = number('LOCAL_SEND_CALLS');
  if (rate <= 0 || elapsedSeconds <= 0 || count <= 0) return refused('netperf made no transaction at all.');
  // ELAPSED_TIME has two decimals.
  if (Math.abs(rate * elapsedSeconds - count) > count * 0.05 + rate * 0.01) {
    return refused(
      `netperf contradicts itself: ${count} transactions in ${elapsedSeconds} s at ${rate} a second.`,
    );
  }
  const accounted = (rate * number('MEAN_LATENCY')) / 1e6;
  if (test === 'udp-rr' && accounted < leastAccountedShare) {
    const share = Math.round(accounted * 100);
    return refused(
      `A datagram was lost and netperf waited in vain: transactions fill ${share} % of the time.`,
    );
  }
  const seconds = (selector: Selector) => number(selector) / 1e6;
  const metrics: Metric[] = [
    measured(test === 'tcp-crr' ? kinds.connections : kinds.transactions, rate),
    measured(kinds.rttMin, seconds('MIN_LATENCY')),
    measured(kinds.rttP50, seconds('P50_LATENCY')),
    measured(kinds.rttP90, seconds('P90_LATENCY')),
    measured(kinds.rttP99, seconds('P99_LATENCY')),
    measured(kinds.rttMax, seconds('MAX_LATENCY')),
  ];
  return {
    type: 'parsed',
    metrics,
    transactions: count,
    payloadBytes: count * 2,
    measuredSeconds: count / rate,
    warnings: [],
  };
}

function runNetperf(
  pair: WorkloadPair,
  test: NetperfTest,
  length: Length,
  deadlineSeconds: number,
): Promise<Outcome> {
  return runTool(pair.client, {
    tool: 'netperf',
    argv: netperfArgv(pair, test, length),
    deadlineSeconds,
    parse: (result) => parseNetperf(result.stdout, test),
  });
}

/** One trial of a test over one connection; netperf takes whole seconds. */
export function measureNetperf(
  pair: WorkloadPair,
  settings: TrialSettings,
  test: 'tcp-rr' | 'udp-rr',
): Promise<Outcome> {
  const seconds = wholeSeconds(settings.durationSeconds, 1);
  return runNetperf(pair, test, { seconds }, deadlineFor(seconds));
}

/** Connections from which the length of a connection trial is reckoned: about a tenth of a second. */
const pilotConnections = 500;

/**
 * One connection trial. Timed by seconds, netperf's server would hold the client up for four seconds more (its
 * PAD_TIME); so a short pilot finds the rate, and the trial makes as many connections as fill the duration at it.
 */
export async function measureConnections(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome> {
  const deadlineSeconds = deadlineFor(settings.durationSeconds) * 2;
  const pilot = await runNetperf(pair, 'tcp-crr', { transactions: pilotConnections }, deadlineSeconds);
  if (pilot.type === 'failed') return pilot;
  const rate = pilot.metrics[0]?.value ?? 0;
  const transactions = Math.max(pilotConnections, Math.round(rate * settings.durationSeconds));
  return runNetperf(pair, 'tcp-crr', { transactions }, deadlineSeconds);
}
