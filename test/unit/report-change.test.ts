import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeText, shortChange, sideOf, sideWords } from '../../reports/change-text.ts';
import { changeOf, changeRatio, worseningOf } from '../../results/change.ts';

const cost = {
  estimate: 0.46,
  n: 6,
  interval: { low: 0.37, high: 0.54, confidence: 0.97 },
};
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('a change', () => {
  it('of a rate says how much of it is lost, of a time how much longer it takes', () => {
    expect(plain(changeText(cost, 'higher'))).toBe('−32 % [−35, −27]');
    expect(plain(changeText(cost, 'lower'))).toBe('+46 % [37, 54]');
    expect(plain(shortChange(16.33, 'higher'))).toBe('−94 %');
    expect(plain(shortChange(-0.079, 'higher'))).toBe('+8.6 %');
  });

  it('of a rate never goes below −100 %, and stands for the same ratio as its cost', () => {
    const any = fc.double({ min: -0.99, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(any, (value) => {
        const change = changeRatio(value, 'higher');
        expect(change).toBeGreaterThanOrEqual(-1);
        expect((1 + change) * (1 + value)).toBeCloseTo(1);
        expect(changeRatio(value, 'lower')).toBe(value);
      }),
    );
  });

  it('keeps its interval in order, whichever way the figure goes', () => {
    for (const better of ['higher', 'lower'] as const) {
      for (const { estimate, interval } of [changeOf(cost, better), worseningOf(cost, better)]) {
        expect(interval?.low).toBeLessThan(estimate);
        expect(interval?.high).toBeGreaterThan(estimate);
        expect(interval?.confidence).toBe(0.97);
      }
    }
    expect(worseningOf(cost, 'higher').estimate).toBeCloseTo(0.315);
  });

  it('is worse or better only where the whole interval lies on that side', () => {
    const between = (low: number, high: number, confidence = 0.97) =>
      sideWords[sideOf({ estimate: (low + high) / 2, n: 6, interval: { low, high, confidence } })];
    expect(between(0.01, 0.1)).toBe('worse');
    expect(between(-0.1, -0.01)).toBe('better');
    expect(between(-0.1, 0.3)).toBe('no difference shown');
    expect(between(0.01, 0.1, 0.5)).toBe('too few blocks');
    expect(sideWords[sideOf({ estimate: 3, n: 1 })]).toBe('too few blocks');
  });
});
