import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iperf3Argv } from '../../bench/workloads/tools/iperf3.ts';
import { type Iperf3Options, iperf3Error, parseIperf3 } from '../../bench/workloads/tools/iperf3-output.ts';
import { runUdpProbe } from '../../bench/workloads/tools/iperf3-probe.ts';
import { mangled } from './workload-mangle.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const read = (name: string) =>
  readFileSync(new URL(`../fixtures/tools/iperf3/${name}`, import.meta.url), 'utf8');
const forward: Iperf3Options = { streams: 1, direction: 'forward' };
const udp: Iperf3Options = { ...forward, udp: { bitsPerSecond: 1e8, datagramBytes: 1372 } };

function values(stdout: string, options: Iperf3Options): Record<string, number> {
  const parsed = parseIperf3(stdout, options, 1);
  if (parsed.type === 'refused') throw new Error(parsed.reason);
  return Object.fromEntries(parsed.metrics.map((metric) => [metric.name, metric.value]));
}

function reason(stdout: string, options: Iperf3Options = forward, durationSeconds = 1): string {
  const parsed = parseIperf3(stdout, options, durationSeconds);
  return parsed.type === 'refused' ? parsed.reason : 'not refused';
}

describe('parseIperf3', () => {
  it('takes goodput from the receiver of one stream', () => {
    const text = read('tcp.json');
    const { sum_received: received, sum_sent: sent } = JSON.parse(text).end;
    const found = values(text, forward);
    expect(found.goodput).toBeCloseTo((received.bytes * 8) / received.seconds, 3);
    expect(found.goodput).not.toBe(sent.bits_per_second);
    expect(found).toMatchObject({ mss: 1448, retransmits: sent.retransmits });
    expect(found['cpu-client']).toBeGreaterThan(0);
  });

  it('leaves the omitted seconds out', () => {
    const text = read('tcp-omit.json');
    expect(values(text, forward).goodput).toBeCloseTo(
      (JSON.parse(text).end.sum_received.bytes * 8) / JSON.parse(text).end.sum_received.seconds,
      3,
    );
  });

  it('adds up parallel streams', () => {
    const text = read('tcp-two-streams.json');
    const streams: { receiver: { bytes: number } }[] = JSON.parse(text).end.streams;
    const bytes = streams.reduce((sum, stream) => sum + stream.receiver.bytes, 0);
    const parsed = parseIperf3(text, { ...forward, streams: 2 }, 1);
    expect(streams).toHaveLength(2);
    expect(parsed).toMatchObject({ type: 'parsed', payloadBytes: bytes });
  });

  it('reads reverse runs, and both directions of bidirectional ones', () => {
    expect(values(read('tcp-reverse.json'), { ...forward, direction: 'reverse' }).goodput).toBeGreaterThan(
      1e6,
    );
    const both = values(read('tcp-both.json'), { ...forward, direction: 'both' });
    expect(both.goodput).toBeCloseTo((both['goodput-forward'] ?? 0) + (both['goodput-reverse'] ?? 0), 0);
    expect(both['goodput-reverse']).toBeGreaterThan(1e6);
    expect(reason(read('tcp.json'), { ...forward, direction: 'both' })).toContain('no reverse sums');
  });

  it('counts UDP at the receiver and gives loss and jitter', () => {
    const lossy = JSON.parse(read('udp-lossy.json')).end.sum_received;
    const found = values(read('udp-lossy.json'), udp);
    expect(found.goodput).toBeCloseTo((lossy.bytes * 8) / lossy.seconds, 3);
    expect(found.loss).toBeCloseTo(lossy.lost_packets / lossy.packets, 6);
    expect(found.loss).toBeGreaterThan(0.5);
    expect(found.jitter).toBeCloseTo(lossy.jitter_ms / 1000, 9);
    expect(values(read('udp.json'), udp).loss).toBeLessThan(0.5);
  });

  it('says in a sentence why there is no figure', () => {
    expect(reason(read('refused.json'))).toContain('Connection refused');
    expect(reason(read('busy.json'))).toContain('busy');
    expect(iperf3Error({ stdout: read('busy.json') })).toContain('busy');
    expect(reason(read('server-died.json'), forward, 4)).toMatch(/^iperf3: .*(terminated|closed|unable)/);
    expect(reason(read('killed.json'))).toBe("iperf3's output is not whole JSON.");
    expect(reason(read('tcp.json').slice(0, 900))).toBe("iperf3's output is not whole JSON.");
    expect(reason(read('old-version.json'))).toContain('3.12');
    expect(reason(read('udp.json'))).toContain('UDP where TCP');
    expect(reason(read('tcp.json'), forward, 10)).toMatch(/measured 1\.0\d s of the 10 s/);
  });

  it('warns of a saturated core', () => {
    const json = JSON.parse(read('tcp.json'));
    json.end.cpu_utilization_percent.remote_total = 99.4;
    const parsed = parseIperf3(JSON.stringify(json), forward, 1);
    expect(parsed).toMatchObject({
      type: 'parsed',
      warnings: [{ code: 'tool-busy', end: 'server', cores: expect.closeTo(0.994) }],
    });
  });

  it('never throws and never yields a figure that is not finite', () => {
    const options = [forward, udp, { ...forward, direction: 'both' } as const];
    for (const name of ['tcp.json', 'udp.json', 'tcp-both.json']) {
      fc.assert(
        fc.property(mangled(read(name)), fc.constantFrom(...options), (text, option) => {
          const parsed = parseIperf3(text, option, 1);
          if (parsed.type === 'refused') expect(parsed.reason.length).toBeGreaterThan(10);
          else
            for (const metric of parsed.metrics)
              expect(Number.isFinite(metric.value), metric.name).toBe(true);
        }),
        { numRuns: 300 },
      );
    }
  });
});

describe('iperf3Argv', () => {
  it('keeps to the slot’s port and splits the offered load among streams', () => {
    const argv = iperf3Argv(testPair, { ...udp, streams: 2 }, { durationSeconds: 1, omitSeconds: 0 });
    expect(argv.join(' ')).toContain('-c 198.18.250.1 -p 40000 -J');
    expect(argv.join(' ')).toContain('-u -b 50000000 -l 1372');
    expect(argv).not.toContain('-O');
  });
});

describe('runUdpProbe', () => {
  it('counts datagrams instead of seconds, and loss against what was sent', async () => {
    const client = scripted(() => ({ ...endedWell, stdout: read('udp-probe.json') }));
    const found = await runUdpProbe({ ...testPair, client }, 484, 2e8, 0.2);
    const { sum_sent: sent, sum_received: received } = JSON.parse(read('udp-probe.json')).end;
    expect(client.ran[0]?.join(' ')).toMatch(/-i 0.1 .* -k 10331 -u -b 200000000 -l 484/);
    expect(client.ran[0]).not.toContain('-t');
    expect(found.receivedBytes).toBe(received.bytes);
    expect(found.probe).toMatchObject({
      type: 'measured',
      sentBitsPerSecond: (sent.bytes * 8) / sent.seconds,
    });
    expect(found.probe.type === 'measured' && found.probe.loss).toBeCloseTo(
      1 - received.bytes / sent.bytes,
      9,
    );
  });

  it('takes a probe of which nothing arrived as lost, and a trial as failed', async () => {
    const json = JSON.parse(read('udp-probe.json'));
    Object.assign(json.end.sum_received, { bytes: 0, packets: 0, lost_packets: 0, bits_per_second: 0 });
    const client = scripted(() => ({ ...endedWell, stdout: JSON.stringify(json) }));
    const found = await runUdpProbe({ ...testPair, client }, 484, 2e8, 0.2);
    expect(found.probe).toMatchObject({ type: 'measured', loss: 1, receivedBitsPerSecond: 0 });
    expect(reason(JSON.stringify(json), udp)).toBe('Not one byte reached the receiver.');
  });

  it('takes a probe through which an end stood still for none', async () => {
    const json = JSON.parse(read('udp-probe.json'));
    json.end.sum_sent.seconds += 8;
    const client = scripted(() => ({ ...endedWell, stdout: JSON.stringify(json) }));
    expect((await runUdpProbe({ ...testPair, client }, 484, 2e8, 0.2)).probe).toMatchObject({
      type: 'failed',
      reason: expect.stringContaining('stood still'),
      isHiccup: true,
    });
  });

  it('passes on what iperf3 said', async () => {
    const client = scripted(() => ({ ...endedWell, exitCode: 1, stdout: read('busy.json') }));
    const found = await runUdpProbe({ ...testPair, client }, 484, undefined, 0.1);
    expect(found.probe).toEqual({
      type: 'failed',
      reason: expect.stringContaining('busy'),
      isHiccup: true,
    });
  });
});
