import { expect, it } from 'vitest';
import { designs, precisionOf } from '../../bench/studies/precision/designs.ts';
import { noise } from '../../results/statistics/random.ts';

const wanted = (name: string) => {
  const design = designs.find((each) => each.name.startsWith(name));
  if (!design) throw new Error(`no design ${name}`);
  return design;
};

it('finds no error where nothing varies', () => {
  for (const each of precisionOf(Array(80).fill(7), 1)) {
    expect(each.comparisons).toBeGreaterThan(8);
    expect(each.standardErrorPerMinute).toBe(0);
  }
});

it('cancels a straight drift in chains and ABBA, and not in neighbours', () => {
  const drift = Array.from({ length: 60 }, (_, i) => i * 0.01);
  for (const name of ['bracketed', 'ABBA']) {
    for (const error of wanted(name).errors(drift)) expect(error).toBeCloseTo(0, 12);
  }
  for (const error of wanted('neighbours').errors(drift)) expect(error).toBeCloseTo(0.01, 12);
});

it('gives the variances that theory has for independent trials', () => {
  const source = noise(5);
  const logs = Array.from({ length: 60_000 }, () => 0.05 * source.normal());
  const sd = Object.fromEntries(
    precisionOf(logs.map(Math.exp), 1).map(({ design, errorSd }) => [design, errorSd / 0.05]),
  );
  expect(sd['neighbours A B']).toBeCloseTo(Math.sqrt(2), 1);
  expect(sd.ABBA).toBeCloseTo(1, 1);
  expect(sd['bracketed chain B S B S B']).toBeCloseTo(Math.sqrt(1.5), 1);
  expect(sd['shuffled block of six']).toBeCloseTo(Math.sqrt(2), 1);
});

it('counts what comparisons of a chain share', () => {
  const source = noise(9);
  const values = Array.from({ length: 60_000 }, () => Math.exp(0.05 * source.normal()));
  const chain = precisionOf(values, 1).find((each) => each.design.startsWith('bracketed'));
  // Var(mean) = (1.5σ² + 2·0.25σ²)/m, and a minute holds 60/2.2 comparisons.
  expect(chain?.standardErrorPerMinute).toBeCloseTo(0.05 * Math.sqrt(2 / (60 / 2.2)), 3);
});

it('draws both places of a shuffled block from all six', () => {
  const places = new Set<number>();
  const logs = Array.from({ length: 6 * 30 }, (_, i) => i % 6);
  for (const error of wanted('shuffled').errors(logs)) {
    expect(error).not.toBe(0);
    places.add(error);
  }
  expect(places.size).toBeGreaterThan(5);
});
