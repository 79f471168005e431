import { randomUUID } from 'node:crypto';
import { inWords } from '../../../results/reasons.ts';
import type { ExecResult } from '../../engine/executor.ts';
import { lastLine, said } from '../../engine/words.ts';
import { kinds, type Parsed, refused } from '../metrics.ts';
import { given, parsedFigures } from '../possible.ts';
import { carries } from '../rtt-metrics.ts';
import type { Outcome, ServerPlace, ServerSpec, TrialSettings, WorkloadPair } from '../workload.ts';
import { deadlineFor, runTool, tookTooLong, wholeSeconds } from './tool-run.ts';

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

/** Known to this process and what it starts: a netserver takes tests from nobody else who reaches its port. */
const passphrase = randomUUID();

/** netserver forks for each control connection, so an aborted client leaves it ready for the next. */
export function netserver(pair: ServerPlace): ServerSpec {
  const port = String(pair.ports.netperf);
  const address = pair.listenAddress;
  return {
    argv: ['netserver', '-D', `-${family(address)}`, '-L', address, '-p', port, '-Z', passphrase],
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
    ...clientArgv(pair, name, limit, ['-j']),
    ...['-r', '1,1', '-P', `,${pair.ports['netperf-data']}`, '-k', selectors.join(',')],
  ];
}

/** netperf's client for a stream that ends after so many bytes, written so many at a time. */
export function netperfStreamArgv(pair: WorkloadPair, bytes: number, writeBytes: number): string[] {
  return [
    ...clientArgv(pair, 'TCP_STREAM', -bytes, []),
    ...['-m', String(writeBytes), '-P', `,${pair.ports['netperf-data']}`, '-k', 'LOCAL_SEND_CALLS'],
  ];
}

function clientArgv(pair: WorkloadPair, test: string, limit: number, options: readonly string[]): string[] {
  return [
    'netperf',
    ...['-H', `${pair.serverAddress},${family(pair.serverAddress)}`, '-p', String(pair.ports.netperf)],
    ...['-t', test, '-l', String(limit), '-P', '0', ...options, '-Z', passphrase],
    '--',
  ];
}

interface Fields {
  readonly values: ReadonlyMap<Selector, string>;
  /** Lines that are no figures. */
  readonly words: readonly string[];
}

/** netperf's words for what went wrong; it writes them among its figures and may end well all the same. */
const trouble = /error|fail|unable|could not|cannot|no response|refused|are you sure/i;
const mostWords = 3;

function readFields(stdout: string): Fields | string {
  const values = new Map<Selector, string>();
  const words: string[] = [];
  for (const line of eachLine(stdout)) {
    if (line.trim() === '') continue;
    const match = /^([A-Z0-9_]{1,40})=(.{0,100})$/.exec(line);
    const key = selectors.find((selector) => selector === match?.[1]);
    if (!match || !key) {
      if (trouble.test(line.slice(0, 400))) return `netperf said: ${said(line)}`;
      if (words.length < mostWords) words.push(said(line));
      continue;
    }
    if (values.has(key)) return `netperf printed ${key} twice.`;
    values.set(key, match[2] ?? '');
  }
  if (!stdout.endsWith('\n')) return "netperf's output is cut off in its last line.";
  const missing = selectors.find((selector) => !values.has(selector));
  if (!missing) return { values, words };
  return `netperf's output has no ${missing}${words[0] ? `; it said: ${words[0]}` : ''}.`;
}

/** The lines of a text, one at a time: a list of all would be several times as large as the text. */
function* eachLine(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? text.length : end);
    if (end < 0) return;
    at = end + 1;
  }
}

/** Reads netperf's `-k` output (netperf 2.7, omni tests). It writes −1 for what it has not measured. */
export function parseNetperf(stdout: string, test: NetperfTest): Parsed {
  const fields = readFields(stdout);
  if (typeof fields === 'string') return refused(fields);
  const { values, words } = fields;
  const units = values.get('THROUGHPUT_UNITS');
  if (units !== 'Trans/s') return refused(`netperf measured in ${said(units ?? '')}, not in Trans/s.`);
  const number = (selector: Selector): number | undefined => {
    const text = values.get(selector) ?? '';
    return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
  };
  const needed: [Selector, number | undefined][] = [];
  const need = (selector: Selector): number => {
    const value = number(selector);
    needed.push([selector, value]);
    return value ?? Number.NaN;
  };
  const [rate, elapsedSeconds, count] = [need('THROUGHPUT'), need('ELAPSED_TIME'), need('LOCAL_SEND_CALLS')];
  const odd = needed.find(([, value]) => value === undefined || value < 0);
  if (odd)
    return refused(
      `netperf gave "${said(values.get(odd[0]) ?? '').slice(0, 40)}" for ${odd[0]}, which is no figure.`,
    );
  if (rate <= 0 || count <= 0) return refused('netperf made no transaction at all.');
  if (elapsedSeconds <= 0) return refused('netperf gives no time in which its transactions were made.');
  // ELAPSED_TIME has two decimals.
  if (Math.abs(rate * elapsedSeconds - count) > count * 0.05 + rate * 0.01) {
    return refused(
      `netperf contradicts itself: ${count} transactions in ${elapsedSeconds} s at ${rate} a second.`,
    );
  }
  const stalled = test === 'udp-rr' ? stallOf(rate, number('MEAN_LATENCY')) : undefined;
  if (stalled) return refused(stalled);
  const seconds = (selector: Selector) => {
    const microseconds = number(selector);
    return microseconds === undefined ? values.get(selector) : microseconds / 1e6;
  };
  const figures = [
    given(test === 'tcp-crr' ? kinds.connections : kinds.transactions, rate),
    given(kinds.rttMin, seconds('MIN_LATENCY')),
    ...(carries(count, 0.5) ? [given(kinds.rttP50, seconds('P50_LATENCY'))] : []),
    ...(carries(count, 0.9) ? [given(kinds.rttP90, seconds('P90_LATENCY'))] : []),
    ...(carries(count, 0.99) ? [given(kinds.rttP99, seconds('P99_LATENCY'))] : []),
    given(kinds.rttMax, seconds('MAX_LATENCY')),
  ];
  return parsedFigures('netperf', figures, {
    transactions: count,
    payloadBytes: count * 2,
    measuredSeconds: count / rate,
    warnings: words.map((each) => ({ code: 'wrote-beside', tool: 'netperf', said: each })),
  });
}

function stallOf(rate: number, meanMicroseconds: number | undefined): string | undefined {
  if (meanMicroseconds === undefined || meanMicroseconds < 0)
    return 'netperf gave no mean latency, so it is unknown whether a datagram was lost and the test stood still.';
  const accounted = (rate * meanMicroseconds) / 1e6;
  if (accounted >= leastAccountedShare) return undefined;
  const share = Math.round(accounted * 100);
  return `A datagram was lost and netperf waited in vain: transactions fill ${share} % of the time.`;
}

/** What netperf said where it never came to measure: its control or data connection was turned away. */
function turnedAway({ stdout, stderr }: ExecResult): string | undefined {
  if (stdout.includes('THROUGHPUT=')) return undefined;
  const text = lastLine(stderr) || lastLine(stdout);
  return /control connection|remote error|connection (?:refused|reset)|address already in use/i.test(text)
    ? text
    : undefined;
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
    hiccup: turnedAway,
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
  const outcome = await runNetperf(pair, 'tcp-crr', { transactions }, deadlineSeconds);
  if (outcome.type === 'failed') return outcome;
  const expectedSeconds = Math.max(settings.durationSeconds, pilotConnections / rate);
  const reason = tookTooLong('netperf', outcome.measuredSeconds ?? 0, expectedSeconds);
  return reason ? { type: 'failed', reason: inWords(reason), raw: outcome.raw } : outcome;
}
