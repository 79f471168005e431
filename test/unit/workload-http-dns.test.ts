import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dns } from '../../bench/workloads/dns.ts';
import { httpClose } from '../../bench/workloads/http.ts';
import { startServers } from '../../bench/workloads/readiness.ts';
import { measureDnsperf, parseDnsperf } from '../../bench/workloads/tools/dnsperf.ts';
import { measureWrk, parseWrk } from '../../bench/workloads/tools/wrk.ts';
import { traitsOn } from '../../drivers/registry.ts';
import type { Topology } from '../../results/scenario.ts';
import { sampleCount } from '../../results/statistics/histogram.ts';
import type { NetworkTraits } from '../../results/traits.ts';
import { mangled } from './workload-mangle.ts';
import { endedWell, scripted, testPair } from './workload-pair.ts';

const read = (name: string) => readFileSync(new URL(`../fixtures/tools/${name}`, import.meta.url), 'utf8');
const settings = { durationSeconds: 1, omitSeconds: 0, cores: 2, offeredBitsPerSecond: 1e8 };

/** An end that takes files and tells their size, and answers a tool from a fixture. */
function toolEnd(tool: string, stdout: string) {
  const end = scripted(() => endedWell);
  return {
    ...end,
    run: async (argv: readonly string[], options: { readonly stdin?: string }) => {
      end.ran.push(argv);
      return { ...endedWell, stdout: argv.includes(tool) ? stdout : String(options.stdin?.length ?? '') };
    },
  };
}

describe('parseWrk', () => {
  it('reads requests, bytes and every latency', () => {
    const own = JSON.parse(read('wrk/small.out').trimEnd().split('\n').at(-1) ?? '');
    const parsed = parseWrk(read('wrk/small.out'), 'small', 1);
    if (parsed.type === 'refused') throw new Error(parsed.reason);
    const found = Object.fromEntries(parsed.metrics.map((metric) => [metric.name, metric.value]));
    expect(parsed.metrics[0]?.name).toBe('requests');
    expect(found.requests).toBeCloseTo(own.requests / (own.microseconds / 1e6), 6);
    // wrk prints the same figure for people.
    expect(found.requests).toBeCloseTo(
      Number(/Requests\/sec: +([0-9.]+)/.exec(read('wrk/small.out'))?.[1]),
      1,
    );
    expect(found['latency-max']).toBeCloseTo(
      Math.max(...own.latency.map(([value]: number[]) => value)) / 1e6,
      9,
    );
    const counted = own.latency.reduce((sum: number, [, times]: number[]) => sum + (times ?? 0), 0);
    expect(parsed.histogram && sampleCount(parsed.histogram)).toBe(counted);
    expect(parseWrk(read('wrk/close.out'), 'small', 1).type).toBe('parsed');
    expect(parseWrk(read('wrk/1m.out'), '1m', 1)).toMatchObject({
      metrics: [{ name: 'goodput' }, {}, {}, {}, {}],
    });
  });

  it('says in a sentence why there is no figure', () => {
    const reason = (text: string, seconds = 1) => {
      const parsed = parseWrk(text, 'small', seconds);
      return parsed.type === 'refused' ? parsed.reason : 'not refused';
    };
    expect(reason(read('wrk/not-found.out'))).toMatch(/^Requests failed: \d+ by status\.$/);
    expect(reason(read('wrk/refused.out'))).toContain('does not end in');
    expect(reason(read('wrk/small.out').slice(0, 2000))).toContain('does not end in');
    expect(reason(read('wrk/small.out'), 5)).toMatch(/measured 1\.\d\d s of the 5 s/);
  });

  it('never throws and never yields a figure that is not finite', () => {
    fc.assert(
      fc.property(mangled(read('wrk/1m.out')), (text) => {
        const parsed = parseWrk(text, '1m', 1);
        if (parsed.type === 'refused') expect(parsed.reason.length).toBeGreaterThan(10);
        else
          for (const metric of parsed.metrics) expect(Number.isFinite(metric.value), metric.name).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('HTTP workloads', () => {
  it('write nginx’s files before they start it', async () => {
    const server = toolEnd('', '');
    await startServers({ ...testPair, server }, [httpClose]);
    expect(server.ran.filter((argv) => argv[0] === 'sh').map((argv) => argv.slice(3))).toEqual([
      ['/tmp/tare-scripted/http', 'nginx.conf'],
      ['/tmp/tare-scripted/http', '1m'],
    ]);
    expect(server.started[0]?.slice(3, 7)).toEqual(['/tmp/tare-scripted/http', 'nginx', '-p', '.']);
  });

  it('leave nothing at the client', async () => {
    const client = toolEnd('wrk', read('wrk/close.out'));
    const outcome = await measureWrk({ ...testPair, client }, settings, { body: 'small', keepAlive: false });
    expect(outcome.type).toBe('measured');
    expect(client.ran).toHaveLength(1);
    const [shell, , , path, tool, ...rest] = client.ran[0] ?? [];
    expect([shell, tool]).toEqual(['sh', 'wrk']);
    expect(rest).toContain('Connection: close');
    expect(rest).toContain(path);
  });
});

describe('parseDnsperf', () => {
  it('reads the rate and the histogram of all answers', () => {
    const text = read('dnsperf/good.out');
    const parsed = parseDnsperf(text);
    if (parsed.type === 'refused') throw new Error(parsed.reason);
    const found = Object.fromEntries(parsed.metrics.map((metric) => [metric.name, metric.value]));
    expect(found.queries).toBeCloseTo(Number(/Queries per second: +([0-9.]+)/.exec(text)?.[1]), 3);
    expect(parsed.histogram && sampleCount(parsed.histogram)).toBe(parsed.transactions);
    expect(found.loss).toBe(0);
  });

  it('says in a sentence why there is no figure', () => {
    const good = read('dnsperf/good.out');
    const reason = (text: string) => {
      const parsed = parseDnsperf(text);
      return parsed.type === 'refused' ? parsed.reason : 'not refused';
    };
    expect(reason(read('dnsperf/no-answer.out'))).toBe('The resolver answered no query: 16 of 16 were lost.');
    expect(
      reason(good.replace(/NOERROR (\d+) \(100.00%\)/, 'NOERROR 5 (1.00%), NXDOMAIN 495 (99.00%)')),
    ).toContain('NOERROR');
    expect(parseDnsperf(good.slice(0, 3000))).toMatchObject({
      metrics: [{ name: 'queries' }, { name: 'loss' }],
      warnings: [{ code: 'histogram-not-whole' }],
    });
    expect(reason('')).toContain('0 lines for "sent"');
  });

  it('never throws and never yields a figure that is not finite', () => {
    fc.assert(
      fc.property(mangled(read('dnsperf/good.out')), (text) => {
        const parsed = parseDnsperf(text);
        if (parsed.type === 'refused') expect(parsed.reason.length).toBeGreaterThan(10);
        else
          for (const metric of parsed.metrics) expect(Number.isFinite(metric.value), metric.name).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('runs where the network resolves names, and says why not elsewhere', async () => {
    const unsupported = (topology: Topology, driver: string) =>
      dns.unsupported?.(traitsOn({ topology, driver }) as NetworkTraits, {});
    expect(unsupported('same-host', 'host')).toContain('only within one user-defined network');
    expect(unsupported('same-host', 'bridge')).toBeUndefined();
    expect(unsupported('same-host', 'macvlan')).toBeUndefined();
    expect(unsupported('cross-host', 'macvlan')).toBeDefined();
    const client = toolEnd('dnsperf', read('dnsperf/good.out'));
    const outcome = await measureDnsperf({ ...testPair, client, serverName: 'server' }, settings);
    expect(outcome.type).toBe('measured');
    expect(await measureDnsperf(testPair, settings)).toMatchObject({ type: 'failed' });
  });
});
