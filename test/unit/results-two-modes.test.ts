import { describe, expect, it } from 'vitest';
import { type Noise, noise } from '../../results/statistics/random.ts';
import { twoModes } from '../../results/statistics/two-modes.ts';

const slow = Math.log(11 / 23);
const samples = 2000;

/** How often a sample of n values is called of two modes. */
function called(one: (source: Noise) => number, n: number): number {
  const source = noise(n);
  let found = 0;
  for (let run = 0; run < samples; run += 1) {
    if (twoModes(Array.from({ length: n }, () => one(source)))) found += 1;
  }
  return found / samples;
}

describe('two modes', () => {
  const oneMode: Record<string, (source: Noise) => number> = {
    normal: (source) => 0.1 * source.normal(),
    'with heavy tails': (source) => 0.15 * source.heavy(),
    uniform: (source) => 0.6 * source.uniform(),
    exponential: (source) => 0.15 * Math.log(source.uniform()),
    lognormal: (source) => -0.1 * Math.exp(source.normal()),
  };
  for (const [name, one] of Object.entries(oneMode)) {
    it.each([16, 30, 78, 240])(`are hardly ever seen in ${name} noise of %i trials`, (n) => {
      expect(called(one, n)).toBeLessThan(0.025);
    });
  }

  it.each([30, 78, 240])('are found where 22 % of %i trials run at half the rate', (n) => {
    expect(
      called((source) => (source.uniform() < 0.22 ? slow : 0) + 0.04 * source.normal(), n),
    ).toBeGreaterThan(0.9);
  });

  it('are told with their middles and the share of the lower one', () => {
    const values = [...Array(14).fill(Math.log(23)), ...Array(4).fill(Math.log(11))];
    const found = twoModes(values);
    expect(Math.exp(found?.lowerMedian ?? 0)).toBeCloseTo(11);
    expect(Math.exp(found?.upperMedian ?? 0)).toBeCloseTo(23);
    expect(found?.lowerShare).toBeCloseTo(4 / 18);
  });

  it('are none where a few trials are outliers, the heaps are near, or there are few trials', () => {
    const source = noise(1);
    const quiet = Array.from({ length: 40 }, () => 0.01 * source.normal());
    expect(twoModes([...quiet, slow, slow])).toBeUndefined();
    expect(twoModes([...quiet, ...quiet.map((each) => each - 0.1)])).toBeUndefined();
    expect(twoModes([0, 0, 0, 0, slow, slow, slow, slow])).toBeUndefined();
  });
});
