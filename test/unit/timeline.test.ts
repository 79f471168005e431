import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { splitTrips } from '../../bench/workloads/rtt-loaded.ts';
import { binned } from '../../bench/workloads/timeline.ts';
import { parseTrips } from '../../bench/workloads/tools/irtt.ts';
import { timelineSpecs } from '../../reports/charts/timeline-spec.ts';
import { timelineSchema } from '../../results/schema.ts';
import { timelinesOf } from '../../results/timelines.ts';
import { okTrial, plan, run } from './results-builders.ts';

const trips = Array.from({ length: 2000 }, (_, index) => ({
  sentNanoseconds: 5e9 + index * 2e6,
  rttNanoseconds: index % 10 === 0 ? undefined : 100_000,
}));

describe('splitTrips', () => {
  it('takes what is well before the load, and what is well within it', () => {
    const { idle, loaded } = splitTrips({ trips, intervalNanoseconds: 2e6, warnings: [] }, 1, 2);
    const seconds = (each: typeof idle) => each.trips.map((trip) => (trip.sentNanoseconds - 5e9) / 1e9);
    expect(Math.max(...seconds(idle))).toBeLessThan(0.9);
    expect(Math.min(...seconds(loaded))).toBeGreaterThanOrEqual(1.3);
    expect(Math.max(...seconds(loaded))).toBeLessThan(2.9);
    expect(idle.trips.length + loaded.trips.length).toBeLessThan(trips.length);
  });
  it('works on what irtt prints', () => {
    const text = readFileSync(new URL('../fixtures/tools/irtt/stalled.json', import.meta.url), 'utf8');
    const parsed = parseTrips(text);
    if (typeof parsed === 'string') throw new Error(parsed);
    const { idle, loaded } = splitTrips(parsed, 0.2, 0.1);
    expect(idle.trips.length).toBeGreaterThan(10);
    expect(loaded.trips).toEqual([]);
  });
});

describe('binned', () => {
  it('gives the middle value of each bin, and no bin without a sample', () => {
    const series = binned(
      'rtt',
      's',
      [
        [0, 1],
        [0.01, 3],
        [0.04, 2],
        [0.21, 9],
        [-1, 5],
      ],
      0.1,
    );
    expect(series.bins).toEqual([
      [0, 2],
      [2, 9],
    ]);
    expect(timelineSchema.parse({ spans: [], series: [series] })).toEqual({ spans: [], series: [series] });
  });
});

describe('timelinesOf', () => {
  const timeline = (value: number, from: number) => ({
    spans: [{ name: 'load', fromSeconds: from, toSeconds: from + 2 }],
    series: [
      {
        name: 'rtt',
        unit: 's' as const,
        binSeconds: 0.5,
        bins: [
          [0, value],
          [3, value * 10],
        ] as [number, number][],
      },
    ],
  });
  const record = {
    run: run({ plan: plan({ workloads: [{ id: 'rtt-loaded', durationSeconds: 1, omitSeconds: 0 }] }) }),
    trials: [
      okTrial({ workload: 'rtt-loaded', timeline: timeline(1, 1) }),
      okTrial({ workload: 'rtt-loaded', block: 1, timeline: timeline(3, 1.2) }),
      okTrial({ workload: 'rtt-loaded', block: -1, timeline: timeline(99, 1) }),
      okTrial({ workload: 'rtt-loaded', scenario: 'same-host/bridge', timeline: timeline(5, 1.1) }),
    ],
  };
  it('merges the trials of a scenario bin by bin, without the warm-up', () => {
    const [view, ...others] = timelinesOf(record);
    expect(others).toEqual([]);
    expect(view?.spans).toEqual([{ name: 'load', fromSeconds: 1.1, toSeconds: 3.1 }]);
    expect(view?.lines.map(({ scenario }) => scenario)).toEqual(['same-host/host', 'same-host/bridge']);
    expect(view?.lines[0]?.points).toEqual([
      { seconds: 0.25, value: 2, low: 1, high: 3 },
      { seconds: 1.75, value: 20, low: 10, high: 30 },
    ]);
  });
  it('is drawn with a band where trials differ, and the load behind it', () => {
    const [spec] = timelineSpecs(record, () => 0);
    expect(spec).toMatchObject({ kind: 'lines', spans: [{ name: 'load' }] });
    expect(spec?.lines[0]?.points[0]).toMatchObject({ low: 1, high: 3 });
    expect(spec?.lines[1]?.points[0]).not.toHaveProperty('low');
  });
});
