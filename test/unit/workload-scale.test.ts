import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairnessIndex } from '../../bench/workloads/fairness.ts';
import { overlapOf, scales } from '../../bench/workloads/scale.ts';
import { bytesBetween, parseIntervals } from '../../bench/workloads/tools/iperf3-intervals.ts';
import { gatedArgv, gatedStartSeconds } from '../../bench/workloads/tools/start-gate.ts';
import { traitsOn } from '../../drivers/registry.ts';
import type { NetworkTraits } from '../../results/traits.ts';

describe('fairnessIndex', () => {
  it('is 1 for equal shares and k/n where k of n share all', () => {
    expect(fairnessIndex([3, 3, 3, 3])).toBeCloseTo(1, 12);
    expect(fairnessIndex([5, 5, 0, 0])).toBeCloseTo(0.5, 12);
    expect(fairnessIndex([7, 0, 0, 0])).toBeCloseTo(0.25, 12);
    expect(fairnessIndex([0, 0])).toBeUndefined();
  });
  it('lies between 1/n and 1, whatever the unit', () => {
    const shares = fc.array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(shares, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, factor) => {
        const index = fairnessIndex(values) as number;
        expect(index).toBeGreaterThanOrEqual(1 / values.length - 1e-9);
        expect(index).toBeLessThanOrEqual(1 + 1e-9);
        expect(fairnessIndex(values.map((value) => value * factor))).toBeCloseTo(index, 6);
      }),
    );
  });
});

const steady = (seconds: number, bytesPerSecond: number) =>
  Array.from({ length: seconds * 10 }, (_, index) => ({
    startSeconds: index / 10,
    endSeconds: (index + 1) / 10,
    bytes: bytesPerSecond / 10,
  }));

describe('overlapOf', () => {
  it('counts only while all sent', () => {
    const { seconds, bytes } = overlapOf([
      { startSeconds: 100, intervals: steady(2, 1000) },
      { startSeconds: 100.35, intervals: steady(2, 3000) },
    ]);
    expect(seconds).toBeCloseTo(1.65, 9);
    expect(bytes[0]).toBeCloseTo(1650, 6);
    expect(bytes[1]).toBeCloseTo(4950, 6);
  });
  it('is nothing where they did not meet', () => {
    const apart = [
      { startSeconds: 0, intervals: steady(1, 10) },
      { startSeconds: 5, intervals: steady(1, 10) },
    ];
    expect(overlapOf(apart)).toEqual({ seconds: 0, bytes: [0, 0] });
  });
  it('never counts more than was sent', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        (from, length) => {
          const intervals = steady(3, 500);
          const bytes = bytesBetween(intervals, from, from + length);
          expect(bytes).toBeGreaterThanOrEqual(0);
          expect(bytes).toBeLessThanOrEqual(1500 + 1e-6);
          expect(bytes).toBeLessThanOrEqual(500 * length + 1e-6);
        },
      ),
    );
  });
});

describe('parseIntervals', () => {
  const read = (name: string) =>
    readFileSync(new URL(`../fixtures/tools/iperf3/${name}`, import.meta.url), 'utf8');
  it('reads what a receiving client counted', () => {
    const intervals = parseIntervals(read('tcp-reverse.json'));
    expect(intervals).toEqual([{ startSeconds: 0, endSeconds: expect.closeTo(1, 1), bytes: 439746560 }]);
  });
  it('says what is wrong', () => {
    expect(parseIntervals('{}')).toMatch(/not what it has to be at intervals/);
    expect(parseIntervals(read('refused.json'))).toMatch(/^iperf3: /);
  });
});

describe('the gate', () => {
  const uptime = () => Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100) / 100;
  it('starts programs of two shells at one moment, and notes when', async () => {
    const run = ([program = '', ...rest]: string[]) => execa(program, rest);
    const at = uptime() + 0.4;
    const results = await Promise.all(
      [1, 2].map((word) => run(gatedArgv({ inShell: (argv) => argv }, ['echo', String(word)], at))),
    );
    expect(results.map(({ stdout }) => stdout)).toEqual(['1', '2']);
    for (const result of results) {
      const started = gatedStartSeconds(result) as number;
      expect(started).toBeGreaterThanOrEqual(at - 0.011);
      expect(started).toBeLessThan(at + 1);
    }
  });
  it('gives no start where none was noted', () => {
    expect(gatedStartSeconds({ stderr: 'sh: usleep: not found' })).toBeUndefined();
  });
});

it('has reasons for the drivers that can’t hold more pairs', () => {
  const unsupported = (driver: string) =>
    scales[0]?.unsupported?.(traitsOn({ topology: 'same-host', driver }) as NetworkTraits, {});
  for (const driver of ['bare', 'container', 'bridge-published', 'bridge-proxy'])
    expect(unsupported(driver)).toMatch(/\.$/);
  for (const driver of ['host', 'bridge', 'macvlan', 'overlay']) expect(unsupported(driver)).toBeUndefined();
});
