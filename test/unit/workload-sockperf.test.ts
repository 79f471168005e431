import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureSockperf, parseSockperf } from '../../bench/workloads/tools/sockperf.ts';
import { sampleCount } from '../../results/statistics/histogram.ts';
import { mangled } from './workload-mangle.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const read = (name: string) =>
  readFileSync(new URL(`../fixtures/tools/sockperf/${name}`, import.meta.url), 'utf8');

function reason(log: string, runSeconds = 1): string {
  const parsed = parseSockperf(log, runSeconds);
  return parsed.type === 'refused' ? parsed.reason : 'not refused';
}

describe('parseSockperf', () => {
  it('agrees with sockperf’s own percentiles on every sample', () => {
    const log = read('ping-pong.csv');
    const parsed = parseSockperf(log, 1);
    if (parsed.type === 'refused') throw new Error(parsed.reason);
    const found = Object.fromEntries(parsed.metrics.map((metric) => [metric.name, metric.value]));
    const own = (label: string) =>
      Number(new RegExp(`${label} *(?:observation)? = +([0-9.]+)`).exec(log)?.[1]) / 1e6;
    const share = (value: number | undefined, truth: number) => Math.abs((value ?? 0) / truth - 1);
    expect(share(found['rtt-p50'], own('percentile 50.000'))).toBeLessThan(0.01);
    expect(share(found['rtt-p90'], own('percentile 90.000'))).toBeLessThan(0.01);
    expect(found['rtt-min']).toBeCloseTo(own('<MIN>'), 8);
    expect(found['rtt-max']).toBeCloseTo(own('<MAX>'), 8);
    expect(parsed.histogram && sampleCount(parsed.histogram)).toBe(parsed.transactions);
    expect(parsed.transactions).toBe(548);
  });

  it('leaves out percentiles that so few samples cannot carry', () => {
    const parsed = parseSockperf(read('ping-pong.csv'), 1);
    const names = parsed.type === 'parsed' ? parsed.metrics.map((metric) => metric.name) : [];
    expect(names).toEqual(['rtt-p50', 'rtt-p90', 'rtt-p99', 'rtt-min', 'rtt-max']);
  });

  it('says in a sentence why there is no figure', () => {
    expect(reason(read('no-server.csv'))).toContain('no answer');
    expect(reason(read('half-rtt.csv'))).toContain('no table of round trips');
    expect(reason(read('lost.csv'), 2)).toContain('A datagram was lost');
    expect(reason(read('ping-pong.csv').slice(0, 9000))).toMatch(/cut off|broken at/);
    expect(reason('')).toContain('no table');
  });

  it('never throws and never yields a figure that is not finite', () => {
    fc.assert(
      fc.property(
        mangled(read('ping-pong.csv').split('\n').slice(0, 60).concat('------').join('\n')),
        (text) => {
          const parsed = parseSockperf(text, 0.5);
          if (parsed.type === 'refused') expect(parsed.reason.length).toBeGreaterThan(10);
          else for (const metric of parsed.metrics) expect(Number.isFinite(metric.value)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('measureSockperf', () => {
  const settings = { durationSeconds: 0.5, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };

  it('reads the log that it had sockperf write, and removes it', async () => {
    const client = scripted((argv) => ({
      ...endedWell,
      stdout: argv[0] === 'cat' ? read('ping-pong.csv') : '',
    }));
    const outcome = await measureSockperf({ ...testPair, client }, settings);
    expect(outcome.type).toBe('measured');
    const [run, shown, removed] = client.ran;
    expect(run).toContain('--full-rtt');
    expect(shown?.[1]).toBe(run?.at(-1));
    expect(removed).toEqual(['rm', '-f', run?.at(-1)]);
  });

  it('removes the log of a failed run too', async () => {
    const client = scripted((argv) => (argv[0] === 'sockperf' ? { ...endedWell, exitCode: 1 } : endedWell));
    expect(await measureSockperf({ ...testPair, client }, settings)).toMatchObject({ type: 'failed' });
    expect(client.ran.map((argv) => argv[0])).toEqual(['sockperf', 'rm']);
  });
});
