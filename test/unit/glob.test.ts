import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../results/failure.ts';
import { glob } from '../../results/glob.ts';

/** The same by a regular expression, as the oracle. */
function expression(pattern: string): RegExp {
  const quoted = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${quoted.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

describe('a glob', () => {
  it('fits what a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '\n'), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (some, any) => {
        expect(glob(some)(any)).toBe(expression(some).test(any));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes steps in proportion to pattern and text, however many stars', () => {
    let steps = 0;
    const counting = new Proxy(Object('a'.repeat(200)), {
      get: (target, key) => {
        steps++;
        const value = target[key];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    // With backtracking over every star this would take 200^20 steps.
    expect(glob(`${'*a'.repeat(20)}b`)(counting as string)).toBe(false);
    expect(steps).toBeLessThan(50_000);
  });

  it('is refused where it is too long', () => {
    expect(() => glob('a'.repeat(501))).toThrow(Failure);
  });
});
