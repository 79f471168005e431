import { Bench } from 'tinybench';
import {
  mergeHistograms,
  percentileNanoseconds,
  recordHistogram,
} from '../../results/statistics/histogram.ts';
import { hodgesLehmann, hodgesLehmannShift } from '../../results/statistics/hodges-lehmann.ts';

/** How fast the estimators are at the sizes that runs have, and at one far beyond. */
export function statisticsBench(): Bench {
  const wave = (length: number, phase: number): number[] =>
    Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + phase) * 0.05);
  const six = wave(6, 0);
  const thirty = wave(30, 0);
  const thousand = wave(1000, 0);
  const otherThirty = wave(30, 1);
  const samples = Array.from({ length: 100_000 }, (_, i) => 50_000 + Math.abs(Math.sin(i)) * 100_000);
  const parts = Array.from({ length: 30 }, () => recordHistogram('rtt', samples.slice(0, 10_000)));
  const merged = mergeHistograms(parts);
  return new Bench({ name: 'statistics', time: 300 })
    .add('Hodges–Lehmann and interval, 6 values', () => hodgesLehmann(six))
    .add('Hodges–Lehmann and interval, 30 values', () => hodgesLehmann(thirty))
    .add('Hodges–Lehmann and interval, 1,000 values', () => hodgesLehmann(thousand))
    .add('two-sample shift and interval, 30 and 30 values', () => hodgesLehmannShift(thirty, otherThirty))
    .add('histogram of 100,000 samples', () => recordHistogram('rtt', samples))
    .add('merge of 30 histograms', () => mergeHistograms(parts))
    .add('p99.9 of a merged histogram', () => percentileNanoseconds(merged, 0.999));
}
