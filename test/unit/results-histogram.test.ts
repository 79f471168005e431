import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramSchema } from '../../results/schema.ts';
import {
  bucketEdge,
  bucketWidth,
  mergeHistograms,
  percentileNanoseconds,
  recordHistogram,
  sampleCount,
} from '../../results/statistics/histogram.ts';
import { noise } from '../../results/statistics/random.ts';

const duration = fc.oneof(
  fc.integer({ min: 0, max: 2_000 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.integer({ min: 0, max: 50 }).map((bits) => 2 ** bits),
  fc.integer({ min: 1, max: 50 }).map((bits) => 2 ** bits - 1),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
);
const bits = fc.integer({ min: 4, max: 12 });

/** The sample of which a share is not exceeded, by sorting. */
function exactPercentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] as number;
}

describe('a histogram', () => {
  it('puts each duration into a bucket that is no wider than its precision', () => {
    fc.assert(
      fc.property(duration, bits, (value, precisionBits) => {
        const edge = bucketEdge(value, precisionBits);
        const width = bucketWidth(value, precisionBits);
        expect(edge).toBeLessThanOrEqual(value);
        expect(edge + width).toBeGreaterThan(value);
        expect(width).toBeLessThanOrEqual(Math.max(1, value / 2 ** precisionBits));
        // The edge is in its own bucket, or merging would move samples.
        expect(bucketEdge(edge, precisionBits)).toBe(edge);
        expect(bucketWidth(edge, precisionBits)).toBe(width);
      }),
      { numRuns: 2000 },
    );
  });

  it('fits the schema, keeps every sample, and its buckets ascend', () => {
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 200 }), bits, (values, precisionBits) => {
        const histogram = histogramSchema.parse(recordHistogram('rtt', values, precisionBits));
        expect(sampleCount(histogram)).toBe(values.length);
        const edges = histogram.buckets.map(([edge]) => edge);
        expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
      }),
    );
  });

  it('refuses what is no duration', () => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => recordHistogram('rtt', [bad])).toThrow(RangeError);
    }
  });

  it('has no percentile without samples', () => {
    expect(percentileNanoseconds(recordHistogram('rtt', []), 0.5)).toBeUndefined();
  });
});

describe('merged histograms', () => {
  const parts = fc.array(fc.array(duration, { maxLength: 60 }), { minLength: 1, maxLength: 6 });

  it('give the percentiles of all samples together, to one part in 2^precisionBits', () => {
    fc.assert(
      fc.property(parts, bits, fc.constantFrom(0.5, 0.9, 0.99, 0.999, 1), (samples, precisionBits, share) => {
        const merged = mergeHistograms(samples.map((part) => recordHistogram('rtt', part, precisionBits)));
        const all = samples.flat();
        const actual = percentileNanoseconds(merged, share);
        expect(actual === undefined).toBe(all.length === 0);
        if (all.length === 0) return;
        const exact = exactPercentile(all, share);
        expect(Math.abs((actual ?? Number.NaN) - exact)).toBeLessThanOrEqual(
          Math.max(1, exact / 2 ** precisionBits),
        );
      }),
    );
  });

  it('do not depend on how the samples were parted', () => {
    fc.assert(
      fc.property(parts, bits, (samples, precisionBits) => {
        const merged = mergeHistograms(samples.map((part) => recordHistogram('rtt', part, precisionBits)));
        expect(merged).toEqual(recordHistogram('rtt', samples.flat(), precisionBits));
      }),
    );
  });

  it('are as coarse as the coarsest', () => {
    const values = [100, 5_000, 5_001, 123_456_789];
    const merged = mergeHistograms([recordHistogram('rtt', values, 5), recordHistogram('rtt', values, 11)]);
    expect(merged).toEqual(recordHistogram('rtt', [...values, ...values], 5));
  });

  it('see a tail that an average of percentiles would hide', () => {
    const source = noise(3);
    const calm = Array.from({ length: 10_000 }, () => 100_000 + 1_000 * source.normal());
    const stormy = Array.from({ length: 1_000 }, () => 900_000 + 1_000 * source.normal());
    const merged = mergeHistograms([recordHistogram('rtt', calm), recordHistogram('rtt', stormy)]);
    const exact = exactPercentile([...calm, ...stormy], 0.99);
    expect((percentileNanoseconds(merged, 0.99) ?? 0) / exact).toBeCloseTo(1, 2);
    const averaged = (exactPercentile(calm, 0.99) + exactPercentile(stormy, 0.99)) / 2;
    expect(averaged / exact).toBeLessThan(0.6);
  });

  it('must be of one metric', () => {
    expect(() => mergeHistograms([recordHistogram('a', [1]), recordHistogram('b', [1])])).toThrow(RangeError);
    expect(() => mergeHistograms([])).toThrow(RangeError);
  });
});
