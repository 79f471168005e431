import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lastLine, lastWords, said } from '../../bench/engine/words.ts';
import { kinds, measured, toOutcome } from '../../bench/workloads/metrics.ts';
import { given, parsedFigures } from '../../bench/workloads/possible.ts';
import { parseDnsperf } from '../../bench/workloads/tools/dnsperf.ts';
import { iperf3TurnedAway, parseIperf3 } from '../../bench/workloads/tools/iperf3-output.ts';
import { runUdpProbe } from '../../bench/workloads/tools/iperf3-probe.ts';
import { parseIrtt } from '../../bench/workloads/tools/irtt.ts';
import { parseNetperf } from '../../bench/workloads/tools/netperf.ts';
import { parseSockperf } from '../../bench/workloads/tools/sockperf.ts';
import { readToolJson } from '../../bench/workloads/tools/tool-json.ts';
import { runTool } from '../../bench/workloads/tools/tool-run.ts';
import { parseWrk } from '../../bench/workloads/tools/wrk.ts';
import { warningFacts } from '../../results/warning-text.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

it('a figure that nothing can have fails the trial, whatever a tool’s parser let through', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1.797e308, -1e19]) {
    const parsed = { type: 'parsed', metrics: [measured(kinds.goodput, value)], warnings: [] } as const;
    expect(toOutcome(parsed, 'raw')).toMatchObject({ type: 'failed', raw: 'raw' });
  }
});

const read = (name: string) => readFileSync(new URL(`../fixtures/tools/${name}`, import.meta.url), 'utf8');
const tcp = { streams: 1, direction: 'forward' } as const;
const udp = { ...tcp, udp: { bitsPerSecond: 1e8, datagramBytes: 1372 } };

/** A fixture with figures replaced by dotted path; undefined removes one. */
function changed(name: string, changes: Readonly<Record<string, unknown>>): string {
  const json = JSON.parse(read(name));
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce((at, key) => at[key], json);
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return JSON.stringify(json);
}

function metricsOf(parsed: ReturnType<typeof parseIperf3>) {
  if (parsed.type === 'refused') throw new Error(parsed.reason);
  return {
    names: parsed.metrics.map(({ name }) => name),
    warnings: parsed.warnings.map(warningFacts).join('\n'),
  };
}

const reasonOf = (parsed: ReturnType<typeof parseIperf3>) =>
  parsed.type === 'refused' ? parsed.reason : `not refused: ${JSON.stringify(parsed)}`;

describe('iperf3’s odd figures', () => {
  it.each([
    ['end.sum_sent.retransmits', -1, 'retransmits', 'no usable count of retransmissions (−1)'],
    [
      'end.sum_sent.retransmits',
      4294967294,
      'retransmits',
      'no usable count of retransmissions (4294967294)',
    ],
    ['end.sum_sent.retransmits', 2147483648, 'retransmits', 'no usable count of retransmissions'],
    ['end.sum_sent.retransmits', null, 'retransmits', 'no usable count of retransmissions'],
    ['end.sum_sent.retransmits', '12', 'retransmits', 'no usable count of retransmissions (string)'],
    ['end.sum_sent.retransmits', undefined, 'retransmits', 'no usable count of retransmissions (none)'],
    ['start.tcp_mss_default', 0, 'mss', 'no usable segment size'],
    ['start.tcp_mss_default', -1, 'mss', 'no usable segment size'],
    ['end.cpu_utilization_percent.host_total', -3.2, 'cpu-client', 'no usable CPU use of the client'],
    ['end.cpu_utilization_percent.remote_total', null, 'cpu-server', 'no usable CPU use of the server'],
    ['end.cpu_utilization_percent.remote_total', 4e5, 'cpu-server', 'no usable CPU use of the server (4000)'],
  ])('leave out %s = %s, and keep goodput', (path, value, name, warning) => {
    const whole = metricsOf(parseIperf3(read('iperf3/tcp.json'), tcp, 1));
    const { names, warnings } = metricsOf(parseIperf3(changed('iperf3/tcp.json', { [path]: value }), tcp, 1));
    expect(names).toEqual(whole.names.filter((each) => each !== name));
    expect(warnings).toContain(warning);
  });

  it('leave out both ends’ CPU where there is none, and only one end’s where only one is odd', () => {
    const none = metricsOf(
      parseIperf3(changed('iperf3/tcp.json', { 'end.cpu_utilization_percent': undefined }), tcp, 1),
    );
    expect(none.names).toEqual(['goodput', 'retransmits', 'mss']);
    const both = { ...tcp, direction: 'both' } as const;
    const odd = { 'end.sum_sent_bidir_reverse.retransmits': -1 };
    const { names } = metricsOf(parseIperf3(changed('iperf3/tcp-both.json', odd), both, 1));
    expect(names).toEqual([
      'goodput',
      'goodput-forward',
      'goodput-reverse',
      'mss',
      'cpu-client',
      'cpu-server',
    ]);
  });

  it.each([
    [{ 'end.sum_received.lost_packets': -111 }, 'loss'],
    [{ 'end.sum_received.lost_packets': 1e7 }, 'loss'],
    [{ 'end.sum_received.packets': undefined }, 'loss'],
    // More datagrams than were ever sent: counters of another test.
    [{ 'end.sum_received.packets': 367_040, 'end.sum_received.lost_packets': 364_936 }, 'loss'],
    [{ 'end.sum_received.jitter_ms': -0.2 }, 'jitter'],
    [{ 'end.sum_received.jitter_ms': 6.11273e8 }, 'jitter'],
    [{ 'end.sum_received.jitter_ms': null }, 'jitter'],
  ])('bend nothing into what could be: %j', (changes, name) => {
    const { names, warnings } = metricsOf(parseIperf3(changed('iperf3/udp.json', changes), udp, 1));
    expect(names).toEqual(
      ['goodput', 'loss', 'jitter', 'cpu-client', 'cpu-server'].filter((each) => each !== name),
    );
    expect(warnings).toContain('it is left out');
  });

  it.each([
    [{ 'end.sum_received.bytes': 5e14 }, 'goodput that can’t be'],
    [{ 'end.sum_received.seconds': 1e-9 }, 'measured 0.00 s'],
    [{ 'end.sum_received.seconds': 1e12 }, 'took 1000000000000.00 s'],
    [{ 'end.sum_received.seconds': -1 }, 'at end.sum_received.seconds'],
    [{ 'end.sum_received.bytes': 0 }, 'Not one byte reached the receiver'],
    [{ 'end.sum_received': undefined }, 'at end.sum_received'],
    [
      { end: {}, error: 'interrupt - the client has terminated' },
      'iperf3: interrupt - the client has terminated',
    ],
    [{ error: 'unable to receive results: ' }, 'iperf3: unable to receive results:'],
  ])('fail a trial whose main figure can’t be: %j', (changes, reason) => {
    expect(reasonOf(parseIperf3(changed('iperf3/tcp.json', changes), tcp, 1)).replaceAll("'", '’')).toContain(
      reason,
    );
  });

  it('needs neither intervals nor streams for its sums', () => {
    const bare = changed('iperf3/tcp.json', { intervals: [], 'end.streams': [] });
    expect(metricsOf(parseIperf3(bare, tcp, 1)).warnings).toBe('');
  });
});

describe('a probe of iperf3', () => {
  it('is repeated rather than believed where more arrived than was sent', async () => {
    const text = changed('iperf3/udp-probe.json', { 'end.sum_received.bytes': 1e9 });
    const client = scripted(() => ({ ...endedWell, stdout: text }));
    const { probe } = await runUdpProbe({ ...testPair, client }, 484, 2e8, 0.2);
    expect(probe).toMatchObject({
      type: 'failed',
      isHiccup: true,
      reason: expect.stringContaining('can’t be'.replace('’', "'")),
    });
  });

  it('is a hiccup on either side of its start, but not on a path that is not there', async () => {
    const probeOf = async (error: string) => {
      const text = changed('iperf3/udp-probe.json', { error, end: {} });
      const client = scripted(() => ({ ...endedWell, exitCode: 1, stdout: text }));
      return (await runUdpProbe({ ...testPair, client }, 484, 2e8, 0.2)).probe;
    };
    const reset =
      'unable to receive control message - port may not be available, the other side may have stopped running, etc.: Connection reset by peer';
    for (const error of [
      reset,
      'unable to send cookie to server: Broken pipe',
      'control socket has closed unexpectedly',
    ])
      expect(await probeOf(error), error).toMatchObject({ isHiccup: true });
    expect(await probeOf('parameter error - block size too large')).not.toHaveProperty('isHiccup');
  });
});

describe('runTool', () => {
  const call = {
    tool: 'iperf3',
    argv: ['iperf3'],
    deadlineSeconds: 10,
    hiccup: iperf3TurnedAway,
    parse: ({ stdout }: { stdout: string }) => parseIperf3(stdout, tcp, 1),
  };
  const busy = { ...endedWell, exitCode: 1, stdout: read('iperf3/busy.json') };

  it('runs a tool once more that was turned away before it measured', async () => {
    let times = 0;
    const client = scripted(() => (times++ === 0 ? busy : { ...endedWell, stdout: read('iperf3/tcp.json') }));
    const outcome = await runTool(client, call);
    expect(outcome).toMatchObject({
      type: 'measured',
      warnings: [{ code: 'tool-repeated', said: expect.stringContaining('the server is busy') }],
    });
    const always = scripted(() => busy);
    expect((await runTool(always, call)).type).toBe('failed');
    expect(always.ran).toHaveLength(2);
  });

  it('does not where it had measured already', async () => {
    const died = scripted(() => ({ ...endedWell, exitCode: 1, stdout: read('iperf3/server-died.json') }));
    expect((await runTool(died, call)).type).toBe('failed');
    expect(died.ran).toHaveLength(1);
  });

  it('tells what stopped a tool, and keeps no more than a bounded part of what it wrote', async () => {
    const gone = { ...endedWell, exitCode: 137, stoppedBecause: 'its container was removed' };
    expect(
      await runTool(
        scripted(() => gone),
        call,
      ),
    ).toMatchObject({
      reason: { code: 'tool-stopped', tool: 'iperf3', because: 'its container was removed' },
    });
    const noisy = scripted(() => ({ ...endedWell, stdout: 'x'.repeat(20 << 20) }));
    expect((await runTool(noisy, call)).raw.length).toBeLessThan(5 << 20);
  });
});

describe('wrk’s odd figures', () => {
  const small = JSON.parse(read('wrk/small.out').trimEnd().split('\n').at(-1) as string);
  const parse = (changes: object) => parseWrk(`${JSON.stringify({ ...small, ...changes })}\n`, 'small', 1);
  const none = { connect: 0, read: 0, write: 0, status: 0, timeout: 0 };

  it.each(['connect', 'read', 'write', 'status', 'timeout'])(
    'name errors of the kind %s before all else',
    (kind) => {
      const errors = { ...none, [kind]: 236 };
      expect(reasonOf(parse({ errors, requests: 0, latency: [] }))).toBe(
        `No request was answered: 236 by ${kind}.`,
      );
      expect(reasonOf(parse({ errors, latency: [] }))).toBe(`Requests failed: 236 by ${kind}.`);
    },
  );

  it('fail the trial where nothing was answered or the clock ran off', () => {
    expect(reasonOf(parse({ requests: 0, latency: [] }))).toBe('No request was answered.');
    expect(reasonOf(parse({ microseconds: 1.8e19 }))).toContain('of the 1 s asked for');
    expect(reasonOf(parse({ requests: -5 }))).toContain("wrk's figures");
  });

  it('leave out latencies that can’t be, and keep the rate', () => {
    for (const latency of [[], null, [[-5, 1]], [[9.2e18, 1]]]) {
      const { names, warnings } = metricsOf(parse({ latency }));
      expect(names).toEqual(['requests', 'goodput']);
      expect(warnings).toContain('wrk gave no usable latencies');
    }
  });

  it('survives a list of latencies of any length', () => {
    const latency = Array.from({ length: 400_000 }, (_, index) => [index + 1, 1]);
    expect(metricsOf(parse({ latency })).names).toContain('latency-max');
  });
});

describe('netperf’s odd figures', () => {
  const text = (field: string, value: string) =>
    read('netperf/tcp-rr.txt').replace(new RegExp(`^${field}=.*$`, 'm'), `${field}=${value}`);

  it.each(['-1', '-1.00', 'nan', '-nan', 'inf', ''])(
    'leave out a latency of "%s" and keep the rate',
    (value) => {
      const { names, warnings } = metricsOf(parseNetperf(text('P90_LATENCY', value), 'tcp-rr'));
      expect(names).toEqual(['transactions', 'rtt-min', 'rtt-p50', 'rtt-p99', 'rtt-max']);
      expect(warnings).toContain('no usable rtt-p90');
    },
  );

  it('leave out latencies that contradict one another', () => {
    for (const odd of [text('P90_LATENCY', '1'), text('MAX_LATENCY', '1')]) {
      const { names, warnings } = metricsOf(parseNetperf(odd, 'tcp-rr'));
      expect(names).toEqual(['transactions']);
      expect(warnings).toContain('contradict one another');
    }
  });

  it('fail the trial where the rate itself is none', () => {
    for (const value of ['-1', 'nan', 'inf'])
      expect(reasonOf(parseNetperf(text('THROUGHPUT', value), 'tcp-rr'))).toContain(
        'THROUGHPUT, which is no figure',
      );
    expect(reasonOf(parseNetperf(text('ELAPSED_TIME', '0.00'), 'tcp-rr'))).toContain('no time');
    expect(reasonOf(parseNetperf(text('LOCAL_SEND_CALLS', '0'), 'tcp-rr'))).toContain('no transaction');
    expect(reasonOf(parseNetperf(text('MEAN_LATENCY', '-3'), 'udp-rr'))).toContain('unknown whether');
  });

  it('read its words before its figures', () => {
    const good = read('netperf/tcp-rr.txt');
    expect(
      reasonOf(parseNetperf(`recv_response: partial response received: unable\n${good}`, 'tcp-rr')),
    ).toMatch(/^netperf said: recv_response/);
    const harmless = metricsOf(parseNetperf(`catcher: timer popped with times_up != 0\n${good}`, 'tcp-rr'));
    expect(harmless.warnings).toContain('catcher: timer popped');
  });
});

describe('the other tools’ odd figures', () => {
  it('sockperf: tell what came twice or out of order, drop one impossible sample, and pass its error on', () => {
    const log = read('sockperf/ping-pong.csv');
    const odd = log.replace(
      '# duplicated messages = 0; # out-of-order messages = 0',
      '# duplicated messages = 3; # out-of-order messages = 2',
    );
    expect(metricsOf(parseSockperf(odd, 1)).warnings).toBe(
      '3 answers came twice.\n2 answers came out of order.',
    );
    expect(
      reasonOf(parseSockperf('sockperf: ERROR: _seqN > m_maxSequenceNo (errno=0 Success)\n', 1)),
    ).toContain('sockperf said: sockperf: ERROR: _seqN');
    const table = ['packet, txTime(sec), rxTime(sec), rtt(usec)'];
    for (let index = 0; index < 2000; index += 1)
      table.push(
        `${index}, 5.${String(index * 1000).padStart(9, '0')}, 5.${String(index * 1000 + (index === 7 ? -500 : 500)).padStart(9, '0')}, 0.500`,
      );
    const head = '# dropped messages = 0; # duplicated messages = 0; # out-of-order messages = 0\n';
    const negative = parseSockperf(`${head}${table.join('\n')}\n------\n`, 0.45);
    expect(metricsOf(negative).warnings).toContain('1 of 2000 samples');
    expect(reasonOf(parseSockperf(`${head}${table.slice(0, 20).join('\n')}\n------\n`, 0.45))).toContain(
      '1 of 19 samples',
    );
  });

  it('irtt: one round trip that can’t be is left out, many are not', () => {
    const json = JSON.parse(read('irtt/good.json'));
    const many = Array.from({ length: 20 }, (_, round) =>
      json.round_trips.map((trip: { timestamps: { client: { send: { monotonic: number } } } }) => ({
        ...trip,
        timestamps: {
          client: { send: { monotonic: trip.timestamps.client.send.monotonic + round * 2.1e8 } },
        },
      })),
    ).flat();
    const of = (odd: number) =>
      parseIrtt(
        JSON.stringify({
          ...json,
          config: { params: { ...json.config.params, duration: 20 * 2.1e8 } },
          round_trips: many.map((trip, index) => (index < odd ? { ...trip, delay: { rtt: -5 } } : trip)),
        }),
      );
    expect(metricsOf(of(1)).warnings).toContain(`for 1 of ${many.length} requests`);
    expect(reasonOf(of(100))).toContain(`for 100 of ${many.length} requests`);
    expect(reasonOf(parseIrtt(JSON.stringify({ ...json, round_trips: null })))).toContain('round_trips');
  });

  it('dnsperf: nothing completed, all lost, more lost than sent', () => {
    const good = read('dnsperf/good.out');
    const lost = good.replace(/^( {2}Queries lost: +)\d+/m, '$1999999');
    expect(metricsOf(parseDnsperf(lost)).warnings).toContain('no usable share of lost datagrams');
    const none = good
      .replace(/^( {2}Queries completed: +)\d+ \(.*$/m, '$10 (-nan%)')
      .replace(/^( {2}Queries sent: +)\d+/m, '$10');
    expect(reasonOf(parseDnsperf(none))).toBe('The resolver answered no query.');
    const refusedCodes = good.replace(/^( {2}Response codes: +).*$/m, '$1SERVFAIL 500 (100.00%)');
    expect(reasonOf(parseDnsperf(refusedCodes))).toContain('SERVFAIL 500');
  });
});

describe('readToolJson', () => {
  const value = (text: string) => {
    const json = readToolJson('iperf3', text);
    return json.type === 'json' ? [json.value, json.warnings.map(warningFacts).join('\n')] : json.reason;
  };

  it('puts up with a mark, words around the document, and nan where JSON has no number', () => {
    expect(value('\ufeff{"a":1}')).toEqual([{ a: 1 }, '']);
    expect(value('warning: JSON data length overflow\n{"a":"}{"}\n')).toEqual([
      { a: '}{' },
      'iperf3 wrote beside its figures: warning: JSON data length overflow',
    ]);
    expect(value('{"lost":-nan,"of":[inf,NaN,-1,1e3],"is":"nan, inf","no":null}')).toEqual([
      { lost: null, of: [null, null, -1, 1000], is: 'nan, inf', no: null },
      '',
    ]);
  });

  it('refuses what can’t be told apart or was never finished', () => {
    expect(value('{"a":1}\n{"a":2}\n')).toBe('iperf3 wrote more than one JSON document.');
    expect(value('{"a":1}\niperf3: error - unable to send control message: Broken pipe\n')).toContain(
      'Broken pipe',
    );
    for (const text of ['', '{', '{"a":"', 'null!', '\0\0', '{"a":1', '{"a" 1}'])
      expect(value(text), text).toBe("iperf3's output is not whole JSON.");
  });

  it('comes to an end on long texts of any kind', () => {
    // By the square of its length each of these would take hours.
    for (const piece of ['{', '"', '\\"', '[', '{"a":', '-n', 'x\n{'])
      expect(readToolJson('iperf3', `{"a":"${piece.repeat(4e6 / piece.length)}`).type, piece).toBe('none');
  });
});

describe('a tool’s words', () => {
  it('are one line, short, and nothing that a terminal obeys', () => {
    expect(said('\u001b[31mred\u0007\n\u202egreen\u2028')).toBe('[31mred green');
    expect(said('x'.repeat(1e6)).length).toBeLessThanOrEqual(300);
    expect(lastLine(`${'y\n'.repeat(1e6)}the end\n\n`)).toBe('the end');
  });

  it.each([
    ["Status: unknown flag: --bogus\nSee 'dockerd --help'., Code: 125\n", 'unknown flag: --bogus'],
    [
      "unknown flag: --bogus\n\nUsage:  dockerd [OPTIONS]\n\nRun 'dockerd --help' for more information\n",
      'unknown flag: --bogus',
    ],
    [
      'time="…" level=info msg="Starting"\nfailed to start daemon: no space\n',
      'failed to start daemon: no space',
    ],
    ['', ''],
  ])('says why a daemon ended, not where its help is: %j', (text, expected) => {
    expect(lastWords(text)).toBe(expected);
  });

  it('keeps a daemon’s cause behind the long paths before it', () => {
    const long = `unable to configure with file /${'very-long/'.repeat(20)}daemon.json: no such runtime`;
    expect(lastWords(long)).toBe(long);
  });
});

describe('parsedFigures', () => {
  it('refuses a trial whose main latency contradicts others, and takes a bucket’s width for none', () => {
    const figures = (p50: number, max: number) =>
      parsedFigures('it', [given(kinds.rttP50, p50), given(kinds.rttMax, max)], {});
    expect(reasonOf(figures(3, 1))).toContain('contradict');
    expect(figures(1.2, 1).type).toBe('parsed');
  });
});
