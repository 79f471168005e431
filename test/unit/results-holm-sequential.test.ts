import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hodgesLehmann, probabilityAbove } from '../../results/statistics/hodges-lehmann.ts';
import { holm } from '../../results/statistics/holm.ts';
import { normalQuantile } from '../../results/statistics/normal.ts';
import { noise } from '../../results/statistics/random.ts';
import { looks, nominalLevels, spentAlpha } from '../../results/statistics/sequential.ts';

/** Holm by its definition as a closed test: rejected if every set of hypotheses that holds it is, by Bonferroni. */
function closedBonferroni(probabilities: readonly number[], alpha: number): boolean[] {
  const sets = Array.from({ length: 2 ** probabilities.length - 1 }, (_, i) => i + 1);
  const members = (set: number): number[] => probabilities.filter((_, i) => set & (1 << i));
  const isRejected = (set: number): boolean => Math.min(...members(set)) <= alpha / members(set).length;
  return probabilities.map((_, i) => sets.filter((set) => set & (1 << i)).every(isRejected));
}

describe('Holm', () => {
  it('agrees with the closed test that it abbreviates', () => {
    const probability = fc.integer({ min: 0, max: 60 }).map((each) => each / 600);
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 7 }), (probabilities) => {
        const rejected = holm(probabilities, 0.05).map((each) => each.rejected);
        expect(rejected).toEqual(closedBonferroni(probabilities, 0.05));
      }),
    );
  });

  it('says which level each had to reach', () => {
    expect(holm([0.03, 0.001, 0.02], 0.05)).toEqual([
      { level: 0.05, rejected: true },
      { level: 0.05 / 3, rejected: true },
      { level: 0.025, rejected: true },
    ]);
    expect(holm([0.04, 0.03], 0.05)).toEqual([
      { level: 0.025, rejected: false },
      { level: 0.025, rejected: false },
    ]);
    expect(holm([], 0.05)).toEqual([]);
  });
});

describe('sequential levels', () => {
  it('agree with the published boundaries for five looks', () => {
    // Lan–DeMets, O'Brien–Fleming type, two-sided 0.05: Jennison & Turnbull, Group Sequential Methods, table 7.
    const boundaries = nominalLevels(0.025, [1, 2, 3, 4, 5]).map((p) => -normalQuantile(p));
    [4.877, 3.357, 2.68, 2.29, 2.031].forEach((expected, i) => {
      expect(boundaries[i]).toBeCloseTo(expected, 3);
    });
  });

  it('spend all of alpha by the last look and no more', () => {
    expect(spentAlpha(0.025, 1)).toBeCloseTo(0.025, 10);
    expect(nominalLevels(0.025, [30])[0]).toBeCloseTo(0.025, 6);
    const levels = nominalLevels(0.025);
    expect([...levels].sort((a, b) => a - b)).toEqual(levels);
    expect(levels.at(-1)).toBeLessThan(0.025);
  });

  it('keep the error rate of a signed-rank test looked at six times, with heavy tails', () => {
    const source = noise(11);
    const alpha = 0.05;
    const levels = nominalLevels(alpha);
    const simulations = 20_000;
    let alarms = 0;
    let naive = 0;
    for (let i = 0; i < simulations; i += 1) {
      const values = Array.from({ length: looks.at(-1) as number }, () => source.heavy());
      const probabilities = looks.map((blocks) => probabilityAbove(values.slice(0, blocks), 0));
      if (probabilities.some((p, look) => p <= (levels[look] as number))) alarms += 1;
      if (probabilities.some((p) => p <= alpha)) naive += 1;
    }
    expect(alarms / simulations).toBeLessThan(alpha + 0.005);
    expect(alarms / simulations).toBeGreaterThan(alpha - 0.01);
    // What looking six times without an allowance would do.
    expect(naive / simulations).toBeGreaterThan(2 * alpha);
  });

  it('are of one mind with the interval at the last of a single look', () => {
    const source = noise(12);
    const values = Array.from({ length: 20 }, () => source.heavy() + 0.5);
    const [level] = nominalLevels(0.025, [20]) as [number];
    expect(probabilityAbove(values, 0) <= level).toBe((hodgesLehmann(values, 0.05).interval?.low ?? -1) > 0);
  });
});
