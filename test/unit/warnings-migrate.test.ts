import { describe, expect, it } from 'vitest';
import { migrateRun, migrateTrial } from '../../results/migrate.ts';
import { runSchema, trialSchema } from '../../results/schema.ts';
import { warningFacts, warningRemedy, warningText } from '../../results/warning-text.ts';
import {
  type RunWarning,
  runWarningSchema,
  type TrialWarning,
  trialWarningSchema,
} from '../../results/warnings.ts';
import { okTrial, run } from './results-builders.ts';

const subject = { scenarios: ['same-host/host', 'cross-host/overlay@mtu=9000'] };
const way = { address: '10.0.0.1', interface: 'eth0' };

/** Each warning of a trial, and the sentence that version 2 of the record kept in its place. */
const ofTrials: readonly (readonly [TrialWarning, string])[] = [
  [
    { code: 'figure-left-out', tool: 'iperf3', figure: 'CPU use of the server', value: '4000' },
    'iperf3 gave no usable CPU use of the server (4000); it is left out.',
  ],
  [
    { code: 'latencies-contradict', tool: 'irtt', lower: 'rtt-p50', higher: 'rtt-p99.9' },
    "irtt's latencies contradict one another (rtt-p50 is above rtt-p99.9); they are left out.",
  ],
  [
    { code: 'latencies-unusable', tool: 'wrk', because: 'one of 9 s in 3 s' },
    'wrk gave no usable latencies (one of 9 s in 3 s); they are left out.',
  ],
  [
    { code: 'samples-left-out', tool: 'irtt', odd: 1, of: 1360, unit: 'requests' },
    'irtt gave no usable round trip for 1 of 1360 requests; they are left out.',
  ],
  [
    { code: 'samples-left-out', tool: 'sockperf', odd: 1, of: 2000, unit: 'samples' },
    'sockperf gave no usable round trip in 1 of 2000 samples; they are left out.',
  ],
  [
    { code: 'histogram-not-whole', tool: 'dnsperf', counted: 7, answers: 500 },
    "dnsperf's histogram holds 7 of 500 answers; it is left out.",
  ],
  [
    { code: 'packet-sizes-unknown', tool: 'dnsperf' },
    'dnsperf gave no packet sizes: the bytes of its queries are unknown.',
  ],
  [{ code: 'segment-size-unread' }, 'The effective segment size could not be read while the test ran.'],
  [
    { code: 'wrote-beside', tool: 'netperf', said: 'catcher: timer popped' },
    'netperf wrote beside its figures: catcher: timer popped',
  ],
  [
    { code: 'tool-repeated', tool: 'iperf3', said: 'iperf3: the server is busy' },
    'iperf3 was run a second time, as the first measured nothing (iperf3: the server is busy).',
  ],
  [
    { code: 'probes-repeated', count: 1, said: 'iperf3 took 9.00 s: an end of it stood still.' },
    'A probe measured nothing and had to be repeated: iperf3 took 9.00 s: an end of it stood still.',
  ],
  [
    { code: 'probes-repeated', count: 3, said: 'iperf3: busy' },
    '3 probes measured nothing and had to be repeated: iperf3: busy',
  ],
  [
    { code: 'tool-busy', tool: 'iperf3', end: 'server', cores: 0.99 },
    "iperf3's server kept 0.99 cores busy: it may be the bottleneck itself.",
  ],
  [
    { code: 'sender-limited' },
    'The sender offered all it could and nothing was lost: the path may carry more.',
  ],
  [
    { code: 'client-behind', share: 0.12 },
    '12 % of the requests were due while the client could not send; their wait counts.',
  ],
  [{ code: 'answers-doubled', count: 3 }, '3 answers came twice.'],
  [{ code: 'answers-disordered', count: 2 }, '2 answers came out of order.'],
  [
    {
      ...{ code: 'table-full', table: 'TIME_WAIT', where: 'the client', entries: 90, limit: 100 },
      waitedSeconds: 4,
    },
    'The TIME_WAIT table of the client held 90 of 100 entries: the trial waited 4 s.',
  ],
  [
    {
      ...{ code: 'table-full', table: 'connection tracking', where: 'the host', entries: 90, limit: 100 },
      ...{ waitedSeconds: 20, stillEntries: 88 },
    },
    'The connection tracking table of the host held 90 of 100 entries, and still 88 after 20 s: connections may have been refused.',
  ],
  [{ code: 'said', text: 'what no tool of version 2 wrote' }, 'what no tool of version 2 wrote'],
];

/** The same of a run. */
const ofRuns: readonly (readonly [RunWarning, string])[] = [
  [
    { code: 'rootless-host', subject, engine: 'one' },
    'same-host/host, cross-host/overlay@mtu=9000: one runs rootless, so host is the network namespace of RootlessKit, not the machine’s.',
  ],
  [
    { code: 'virtual-machine', engine: 'one', machine: 'Docker Desktop' },
    'one is Docker Desktop, so host is its virtual machine, not your computer.',
  ],
  [
    { code: 'other-runtime', engine: 'one: the first', runtime: 'runsc' },
    'one: the first runs containers with runsc, so every figure has that runtime’s cost in it.',
  ],
  [
    { code: 'few-open-files', engine: 'one', files: 256 },
    'A container on one may open 256 files only (default-ulimits), which workloads with many connections exceed.',
  ],
  [
    {
      code: 'oversize-packets',
      subject: { scenario: 'cross-host/overlay' },
      ...{ ownBytes: 1450, fullBytes: 1500, underlayBytes: 1400 },
    },
    'Full packets of cross-host/overlay are 1450 bytes and 1500 with what surrounds them, more than the underlay’s 1400: every full packet is fragmented, unless the kernel has the sender make it smaller.',
  ],
  [
    { code: 'overlays-elsewhere', subject, engine: 'one', overlayInterface: 'eth1', ...way },
    'same-host/host, cross-host/overlay@mtu=9000: one: the swarm’s overlays leave by eth1, all other networks by 10.0.0.1 on eth0: their difference is not the overlay’s cost alone.',
  ],
  [
    { code: 'over-data-path', engine: 'one', ...way, advertised: '192.0.2.7' },
    'one: all networks are measured over the swarm’s data path, 10.0.0.1 on eth0, not over its advertised address 192.0.2.7.',
  ],
  [
    { code: 'no-default-route', engine: 'one', ...way },
    'one: its host has no default route, so 10.0.0.1 on eth0 counts as its way to other hosts.',
  ],
  [
    { code: 'data-path-assumed', engine: 'one', interface: 'eth0' },
    'one: the swarm’s data path could not be read; overlays are counted where their packets are seen, the networks beside them on eth0.',
  ],
  [
    { code: 'data-path-unknown', engine: 'one', said: 'its data path is 192.0.2.7, which is nobody’s' },
    'one: its data path is 192.0.2.7, which is nobody’s; it is counted where its packets were seen.',
  ],
  [
    {
      code: 'changed-between',
      restarted: true,
      changes: [
        { fact: 'mtu/eth0', role: 'same-host', was: '1500', is: '9000' },
        { fact: 'cpu/model', role: 'cross-host-client', is: 'another' },
      ],
    },
    'Gone on with after a change: the machine was started anew; mtu/eth0 (same-host) was 1500 and is 9000; cpu/model (cross-host-client) was not known and is another.',
  ],
  [
    { code: 'said', text: 'cross-host: both engines share one machine' },
    'cross-host: both engines share one machine',
  ],
];

describe('the warnings that version 2 kept in words', () => {
  it.each(ofTrials)('of a trial are read as data: %j', (warning, text) => {
    expect(warningFacts(warning)).toBe(text);
    const read = trialSchema.parse(migrateTrial({ ...okTrial(), warnings: [text] }));
    expect(read.warnings).toEqual([warning]);
  });

  it.each(ofRuns)('of a run are read as data: %j', (warning, text) => {
    expect(warningFacts(warning)).toBe(text);
    const read = runSchema.parse(migrateRun({ ...run(), schemaVersion: 2, warnings: [text] }));
    expect(read.warnings).toEqual([warning]);
  });

  it('are all tried above', () => {
    const codes = (options: readonly { shape: { code: { value: string } } }[]) =>
      options.map(({ shape }) => shape.code.value).sort();
    const tried = (pairs: readonly (readonly [{ code: string }, string])[]) =>
      [...new Set(pairs.map(([{ code }]) => code))].sort();
    expect(tried(ofTrials)).toEqual(codes(trialWarningSchema.options));
    expect(tried(ofRuns)).toEqual(codes(runWarningSchema.options));
  });

  it('stay in their words where the data would give others', () => {
    const text = 'iperf3 gave no usable  (; it is left out.';
    const odd = "iperf3's server kept 0.990 cores busy: it may be the bottleneck itself.";
    const read = trialSchema.parse(migrateTrial({ ...okTrial(), warnings: [text, odd] }));
    expect(read.warnings).toEqual([
      { code: 'said', text },
      { code: 'said', text: odd },
    ]);
  });
});

it('each warning says what to do, behind what is so', () => {
  for (const [warning, facts] of [...ofTrials, ...ofRuns]) {
    if (warning.code === 'said') expect(warningText(warning)).toBe(facts);
    else expect(warningText(warning)).toMatch(/^\w.*[^.]\. [A-Z`].*\.$/s);
    expect(warningText(warning).endsWith(warningRemedy(warning))).toBe(true);
  }
});

it('a witness of before version 3 began with its scenario, and is read without it', () => {
  const read = (summary: string) => {
    const witness = { verdict: 'proven', summary, checks: [], counters: {} };
    const trial = trialSchema.parse(migrateTrial({ ...okTrial(), witness }));
    return trial.status === 'ok' && trial.witness?.summary;
  };
  expect(read(`${okTrial().scenario}: the path is proven by 4 checks`)).toBe(
    'the path is proven by 4 checks',
  );
  expect(read('the path is proven by 4 checks')).toBe('the path is proven by 4 checks');
});
