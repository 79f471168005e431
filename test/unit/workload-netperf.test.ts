import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  measureConnections,
  netperfArgv,
  netserver,
  parseNetperf,
} from '../../bench/workloads/tools/netperf.ts';
import { mangled } from './workload-mangle.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const read = (name: string) =>
  readFileSync(new URL(`../fixtures/tools/netperf/${name}`, import.meta.url), 'utf8');

function reason(stdout: string): string {
  const parsed = parseNetperf(stdout, 'udp-rr');
  return parsed.type === 'refused' ? parsed.reason : 'not refused';
}

describe('parseNetperf', () => {
  it('reads rates and latencies in base units', () => {
    const parsed = parseNetperf(read('tcp-rr.txt'), 'tcp-rr');
    const field = (key: string) => Number(new RegExp(`^${key}=(.*)$`, 'm').exec(read('tcp-rr.txt'))?.[1]);
    expect(parsed).toMatchObject({ type: 'parsed', transactions: field('LOCAL_SEND_CALLS'), warnings: [] });
    if (parsed.type === 'refused') return;
    const found = Object.fromEntries(parsed.metrics.map((metric) => [metric.name, metric.value]));
    expect(found.transactions).toBe(field('THROUGHPUT'));
    expect(found['rtt-p50']).toBeCloseTo(field('P50_LATENCY') / 1e6, 12);
    expect(found['rtt-max']).toBeCloseTo(field('MAX_LATENCY') / 1e6, 12);
    // Round trips and the rate must tell the same story (a closed loop).
    expect(field('MEAN_LATENCY') / 1e6).toBeCloseTo(1 / (found.transactions ?? 0), 5);
  });

  it('calls connections by their name', () => {
    expect(parseNetperf(read('tcp-crr.txt'), 'tcp-crr')).toMatchObject({
      metrics: [{ name: 'connections' }, {}, {}, {}, {}, {}],
    });
  });

  it('says in a sentence why there is no figure', () => {
    expect(reason(read('refused.txt'))).toMatch(/^netperf said: establish control: are you sure/);
    expect(reason(read('wrong-test.txt'))).toContain('10^6bits/s');
    expect(reason(read('udp-rr-lost.txt'))).toContain('A datagram was lost');
    expect(reason(`${read('udp-rr.txt').slice(0, 120)}\n`)).toContain(
      'has no P90_LATENCY; it said: P90_LATE',
    );
    expect(reason(read('udp-rr.txt').slice(0, -2))).toContain('cut off');
    expect(reason(read('udp-rr.txt').replace(/^THROUGHPUT=/m, 'THROUGHPUT=1'))).toContain(
      'contradicts itself',
    );
    expect(reason('\n')).toContain('has no THROUGHPUT');
  });

  it('never throws and never yields a figure that is not finite', () => {
    fc.assert(
      fc.property(mangled(read('tcp-rr.txt')), (text) => {
        const parsed = parseNetperf(text, 'tcp-rr');
        if (parsed.type === 'refused') expect(parsed.reason.length).toBeGreaterThan(10);
        else for (const metric of parsed.metrics) expect(metric.value).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('netperf commands', () => {
  it('fixes the data port at the server and names the address family', () => {
    expect(netperfArgv(testPair, 'tcp-rr', { seconds: 1 }).join(' ')).toContain(
      '-H 198.18.250.1,4 -p 40001 -t TCP_RR -l 1 ',
    );
    expect(netperfArgv(testPair, 'tcp-rr', { seconds: 1 }).join(' ')).toContain('-P ,40002');
    const six = { ...testPair, serverAddress: 'fd98::1', listenAddress: '::' };
    expect(netperfArgv(six, 'udp-rr', { seconds: 1 })).toContain('fd98::1,6');
    expect(netserver(six).argv).toContain('-6');
    const passphrase = (argv: readonly string[]) => argv[argv.indexOf('-Z') + 1];
    expect(passphrase(netserver(six).argv)).toMatch(/^[0-9a-f-]{36}$/);
    expect(passphrase(netperfArgv(six, 'udp-rr', { seconds: 1 }))).toBe(passphrase(netserver(six).argv));
  });

  it('makes as many connections as fill the duration at the pilot’s rate', async () => {
    const client = scripted(() => ({ ...endedWell, stdout: read('tcp-crr.txt') }));
    const settings = { durationSeconds: 2, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
    const outcome = await measureConnections({ ...testPair, client }, settings);
    expect(outcome.type).toBe('measured');
    const limits = client.ran.map((argv) => argv[argv.indexOf('-l') + 1]);
    const rate = Number(/^THROUGHPUT=(.*)$/m.exec(read('tcp-crr.txt'))?.[1]);
    expect(limits).toEqual(['-500', String(-Math.round(rate * 2))]);
  });

  it('refuses connections that took far longer than the pilot let expect: an end stood still', async () => {
    const good = read('tcp-crr.txt');
    const field = (name: string) => Number(new RegExp(`^${name}=(.*)$`, 'm').exec(good)?.[1]);
    const elapsedSeconds = field('ELAPSED_TIME') + 12;
    const stopped = good
      .replace(/^ELAPSED_TIME=.*$/m, `ELAPSED_TIME=${elapsedSeconds.toFixed(2)}`)
      .replace(/^THROUGHPUT=.*$/m, `THROUGHPUT=${(field('LOCAL_SEND_CALLS') / elapsedSeconds).toFixed(2)}`);
    const client = scripted((argv) => ({ ...endedWell, stdout: argv.includes('-500') ? good : stopped }));
    const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
    expect(await measureConnections({ ...testPair, client }, settings)).toMatchObject({
      type: 'failed',
      reason: { code: 'said', text: expect.stringContaining('an end of it stood still') },
    });
  });

  it('reports what netperf said when it ends badly, and a killed one as such', async () => {
    const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };
    const refused = scripted(() => ({ ...endedWell, exitCode: 255, stdout: read('refused.txt') }));
    expect(await measureConnections({ ...testPair, client: refused }, settings)).toMatchObject({
      type: 'failed',
      reason: {
        code: 'tool-broke',
        said: expect.stringContaining('could not establish the control connection'),
      },
    });
    const hung = scripted(() => ({ ...endedWell, exitCode: 137, timedOut: true }));
    expect(await measureConnections({ ...testPair, client: hung }, settings)).toMatchObject({
      type: 'failed',
      reason: { code: 'tool-hung', tool: 'netperf' },
    });
  });
});
