import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  greatestConfidence,
  hodgesLehmann,
  hodgesLehmannShift,
  probabilityAbove,
  probabilityShiftAbove,
} from '../../results/statistics/hodges-lehmann.ts';
import { normalCumulative, normalQuantile } from '../../results/statistics/normal.ts';
import { median } from '../../results/statistics/order.ts';
import { mannWhitneyLowerTail, signedRankLowerTail } from '../../results/statistics/rank-distributions.ts';

/** Every subset of {1 … n} as the ranks with a positive sign. */
function bruteSignedRank(n: number): number[] {
  const counts = Array<number>((n * (n + 1)) / 2 + 1).fill(0);
  for (let signs = 0; signs < 2 ** n; signs += 1) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank += 1) if (signs & (1 << (rank - 1))) sum += rank;
    counts[sum] = (counts[sum] ?? 0) + 1;
  }
  return counts;
}

/** Every choice of m of the m + n ranks for the first sample. */
function bruteMannWhitney(m: number, n: number): number[] {
  const counts = Array<number>(m * n + 1).fill(0);
  for (let chosen = 0; chosen < 2 ** (m + n); chosen += 1) {
    let beaten = 0;
    let seen = 0;
    let size = 0;
    for (let rank = 0; rank < m + n; rank += 1) {
      if (chosen & (1 << rank)) {
        size += 1;
        beaten += seen;
      } else seen += 1;
    }
    if (size === m) counts[beaten] = (counts[beaten] ?? 0) + 1;
  }
  return counts;
}

function lowerTail(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, each) => sum + each, 0);
  let sum = 0;
  return counts.map((each) => {
    sum += each;
    return sum / total;
  });
}

describe('the null distributions', () => {
  it.each([1, 2, 3, 5, 8, 12])('signed rank, n = %i: as by enumeration of all signs', (n) => {
    const expected = lowerTail(bruteSignedRank(n));
    const actual = signedRankLowerTail(n);
    expect(actual.length).toBe(expected.length);
    expected.forEach((value, v) => {
      expect(actual[v]).toBeCloseTo(value, 12);
    });
  });

  it.each([
    [1, 1],
    [1, 4],
    [3, 3],
    [4, 6],
    [6, 5],
    [7, 7],
  ])('Mann–Whitney, m = %i, n = %i: as by enumeration of all choices', (m, n) => {
    const expected = lowerTail(bruteMannWhitney(m, n));
    const actual = mannWhitneyLowerTail(m, n);
    expect(actual.length).toBe(expected.length);
    expected.forEach((value, u) => {
      expect(actual[u]).toBeCloseTo(value, 12);
    });
  });

  it('give the published critical values', () => {
    // Hollander, Wolfe & Chicken, tables A.4 and A.6; the greatest value with a lower tail of at most 0.025.
    const critical = (tail: ArrayLike<number>): number =>
      Array.from(tail).filter((p) => p <= 0.025).length - 1;
    expect([6, 7, 8, 10, 15, 20].map((n) => critical(signedRankLowerTail(n)))).toEqual([0, 2, 3, 8, 25, 52]);
    expect(critical(mannWhitneyLowerTail(10, 10))).toBe(23);
    expect(critical(mannWhitneyLowerTail(5, 8))).toBe(6);
  });

  it('of the normal: known values', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 10);
    expect(normalQuantile(0.0005)).toBeCloseTo(-3.290526731491926, 10);
    expect(normalCumulative(-6) / 9.865876450376946e-10).toBeCloseTo(1, 9);
    expect(normalCumulative(1) + normalCumulative(-1)).toBeCloseTo(1, 14);
  });
});

describe('one sample', () => {
  // Hamilton depression scores, Hollander, Wolfe & Chicken, table 3.1.
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
  const difference = before.map((value, i) => value - (after[i] as number));

  it('agrees with the textbook', () => {
    const { estimate, interval } = hodgesLehmann(difference, 0.04);
    expect(estimate).toBeCloseTo(0.46, 10);
    expect(interval?.low).toBeCloseTo(0.01, 10);
    expect(interval?.high).toBeCloseTo(0.786, 10);
    expect(interval?.confidence).toBeCloseTo(0.961, 3);
    expect(probabilityAbove(difference, 0)).toBeCloseTo(0.01953125, 12);
  });

  it('states the confidence it has where the values are too few for the wanted one', () => {
    expect(hodgesLehmann([3])).toEqual({ estimate: 3 });
    const confidences = [2, 3, 4, 5, 6].map(
      (n) => hodgesLehmann(difference.slice(0, n)).interval?.confidence,
    );
    expect(confidences).toEqual([0.5, 0.75, 0.875, 0.9375, 0.96875]);
    expect(hodgesLehmann([4, 1, 3, 2]).interval).toEqual({ low: 1, high: 4, confidence: 0.875 });
    expect(greatestConfidence(5)).toBe(0.9375);
  });

  it('refuses no values', () => {
    expect(() => hodgesLehmann([])).toThrow(RangeError);
  });

  it('continues smoothly from the exact to the approximate distribution', () => {
    const values = Array.from({ length: 201 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453).map(
      (x) => x % 1,
    );
    const exact = hodgesLehmann(values.slice(0, 200)).interval;
    const approximate = hodgesLehmann(values).interval;
    expect(Math.abs((exact?.low ?? 0) - (approximate?.low ?? 1))).toBeLessThan(0.01);
    expect(Math.abs((exact?.high ?? 0) - (approximate?.high ?? 1))).toBeLessThan(0.01);
    expect(probabilityAbove(values, 0)).toBeCloseTo(probabilityAbove(values.slice(0, 200), 0), 1);
  });
});

describe('two samples', () => {
  // Permeability of the chorioamnion, Hollander, Wolfe & Chicken, table 4.1.
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.9, 0.74, 1.21];

  it('agrees with the textbook', () => {
    const { estimate, interval } = hodgesLehmannShift(term, early, 0.04);
    expect(estimate).toBeCloseTo(0.305, 10);
    expect(interval?.low).toBeCloseTo(-0.15, 10);
    expect(interval?.high).toBeCloseTo(0.76, 10);
    expect(probabilityShiftAbove(term, early, 0)).toBeCloseTo(0.1272061272061272, 12);
  });

  it('has no interval for one value each', () => {
    expect(hodgesLehmannShift([3], [1])).toEqual({ estimate: 2 });
  });

  it('continues smoothly from the exact to the approximate distribution', () => {
    const wave = (length: number, phase: number) =>
      Array.from({ length }, (_, i) => Math.sin(i * 7.13 + phase));
    const exact = hodgesLehmannShift(wave(100, 0), wave(100, 1)).interval;
    const approximate = hodgesLehmannShift(wave(101, 0), wave(100, 1)).interval;
    expect(Math.abs((exact?.low ?? 0) - (approximate?.low ?? 1))).toBeLessThan(0.02);
  });
});

describe('for all samples', () => {
  const value = fc.integer({ min: -1000, max: 1000 }).map((each) => each / 8);
  const sample = fc.array(value, { minLength: 1, maxLength: 25 });
  const alpha = fc.constantFrom(0.01, 0.05, 0.1, 0.3);

  it('the estimate and interval move with a shift and turn with the sign', () => {
    fc.assert(
      fc.property(sample, value, alpha, (values, shift, level) => {
        const plain = hodgesLehmann(values, level);
        const moved = hodgesLehmann(
          values.map((each) => each + shift),
          level,
        );
        const turned = hodgesLehmann(
          values.map((each) => -each),
          level,
        );
        expect(moved.estimate).toBe(plain.estimate + shift);
        expect(turned.estimate + plain.estimate).toBe(0);
        if (!plain.interval) return;
        expect(moved.interval?.low).toBe(plain.interval.low + shift);
        expect((turned.interval?.low ?? 0) + plain.interval.high).toBe(0);
      }),
    );
  });

  it('order does not matter, and the interval holds the estimate', () => {
    fc.assert(
      fc.property(sample, alpha, (values, level) => {
        const plain = hodgesLehmann(values, level);
        expect(hodgesLehmann([...values].reverse(), level)).toEqual(plain);
        expect(
          hodgesLehmann(
            [...values].sort((a, b) => a - b),
            level,
          ),
        ).toEqual(plain);
        if (!plain.interval) return;
        expect(plain.interval.low).toBeLessThanOrEqual(plain.estimate);
        expect(plain.interval.high).toBeGreaterThanOrEqual(plain.estimate);
      }),
    );
  });

  it('the shift turns with its samples, and is the difference for constant ones', () => {
    fc.assert(
      fc.property(sample, sample, value, alpha, (x, y, shift, level) => {
        const forth = hodgesLehmannShift(x, y, level);
        const back = hodgesLehmannShift(y, x, level);
        expect(forth.estimate + back.estimate).toBeCloseTo(0, 9);
        expect((forth.interval?.low ?? 0) + (back.interval?.high ?? 0)).toBe(0);
        const self = hodgesLehmannShift(
          x.map((each) => each + shift),
          x,
          level,
        );
        expect(self.estimate).toBeCloseTo(shift, 9);
        expect(median(x)).toBe(median([...x].reverse()));
      }),
    );
  });

  it('tests and intervals are of one mind', () => {
    fc.assert(
      fc.property(sample, sample, value, alpha, (x, y, threshold, level) => {
        const one = hodgesLehmann(x, level);
        if (one.interval && one.interval.confidence >= 1 - level) {
          expect(probabilityAbove(x, threshold) <= level / 2).toBe(one.interval.low > threshold);
        }
        const two = hodgesLehmannShift(x, y, level);
        if (two.interval && two.interval.confidence >= 1 - level) {
          expect(probabilityShiftAbove(x, y, threshold) <= level / 2).toBe(two.interval.low > threshold);
        }
      }),
    );
  });
});
