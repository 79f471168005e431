import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, barScale } from '../../reports/bar.ts';
import {
  formatElapsed,
  formatEstimate,
  formatInterval,
  formatMoment,
  formatNumber,
  formatQuantity,
  formatShare,
} from '../../reports/format.ts';
import { displayWidth } from '../../reports/text.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('figures for people', () => {
  it.each([
    [9.4123e9, 'bit/s', '9.41 Gbit/s'],
    [999.7e6, 'bit/s', '1.00 Gbit/s'],
    [94_100, 'bit/s', '94.1 kbit/s'],
    [118.3e-6, 's', '118 µs'],
    [0.00231, 's', '2.31 ms'],
    [2.5e-8, 's', '25.0 ns'],
    [0.001, 'ratio', '0.100 %'],
    [0, 'ratio', '0 %'],
    [7231.4, '1/s', '7,231/s'],
    [1_234_567, 'count', '1,234,567'],
    [12.5, 'count', '12.50'],
    [1448, 'byte', '1,448 B'],
    [1.31, 's/GB', '1.31 s/GB'],
    [23.4e-6, 's/transaction', '23.4 µs/transaction'],
    [-0.004, 's', '−4.00 ms'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(plain(formatQuantity(value, unit))).toBe(text);
  });

  it('prints what is missing as a dash and never as 0', () => {
    expect(formatQuantity(undefined, 's')).toBe('–');
    expect(formatQuantity(Number.NaN, 's')).toBe('–');
    expect(formatQuantity(Number.POSITIVE_INFINITY, 'bit/s')).toBe('–');
  });

  it('keeps three significant digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 999, noNaN: true }), (value) => {
        const back = Number(formatNumber(value).replaceAll(',', ''));
        expect(Math.abs(back - value)).toBeLessThanOrEqual(value * 0.00501 + 1e-12);
      }),
    );
  });

  it('prints overheads with their interval in percent', () => {
    const text = (estimate: number, low: number, high: number, confidence = 0.96875) =>
      plain(formatEstimate({ estimate, interval: { low, high, confidence } }));
    expect(text(0.272, 0.221, 0.309)).toBe('+27 % [22, 31]');
    expect(text(-0.031, -0.062, 0.004)).toBe('−3.1 % [−6.2, 0.4]');
    expect(text(5.4, 4.9, 12.3)).toBe('+540 % [490, 1,230]');
    expect(text(0.272, 0.221, 0.309, 0.5)).toBe('+27 % [22, 31] at 50 %');
    expect(plain(formatEstimate({ estimate: 0.272 }))).toBe('+27 % (n = 1)');
    expect(formatInterval({ low: -1, high: Number.POSITIVE_INFINITY })).toBe('[−100, ∞]');
  });

  it('prints shares, times and moments', () => {
    expect(plain(formatShare(0.875))).toBe('88 %');
    expect(plain(formatShare(0.9987))).toBe('99.9 %');
    expect(plain(formatElapsed(42.4))).toBe('42 s');
    expect(plain(formatElapsed(187))).toBe('3 min 07 s');
    expect(plain(formatElapsed(3725))).toBe('1 h 02 min');
    expect(formatMoment('2026-08-01T12:30:59.123Z')).toBe('2026-08-01 12:30 UTC');
    expect(formatMoment('yesterday')).toBe('yesterday');
  });
});

describe('bars', () => {
  const estimate = fc
    .tuple(fc.double({ min: -0.9, max: 20, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true }))
    .map(([middle, half]) => ({
      estimate: middle,
      n: 6,
      interval: { low: Math.max(-0.95, middle - half), high: middle + half, confidence: 0.97 },
    }));

  it('are all exactly as wide as their scale', () => {
    fc.assert(
      fc.property(
        fc.array(estimate, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 4, max: 60 }),
        (all, columns) => {
          const scale = barScale(all, columns);
          if (!scale) return;
          for (const one of all) expect(displayWidth(bar(one, scale))).toBe(columns);
        },
      ),
    );
  });

  it('are solid up to the nearer bound and hatched to the farther one', () => {
    const one = { estimate: 0.5, n: 6, interval: { low: 0.4, high: 0.6, confidence: 0.97 } };
    const scale = { leftColumns: 0, rightColumns: 10, perColumn: 0.1 };
    expect(bar(one, scale)).toBe('▏████▒▒    ');
  });

  it('run off the scale where one scenario is far dearer than the rest', () => {
    const cheap = { estimate: 0.2, n: 6, interval: { low: 0.1, high: 0.25, confidence: 0.97 } };
    const dear = { estimate: 9, n: 6, interval: { low: 8, high: 10, confidence: 0.97 } };
    const scale = barScale([cheap, dear], 31);
    expect(scale && bar(dear, scale).endsWith('»')).toBe(true);
    expect(scale && bar(cheap, scale).trim().length).toBeGreaterThan(5);
  });

  it('have no scale where nothing differs', () => {
    expect(barScale([{ estimate: 0, n: 1 }], 40)).toBeUndefined();
    expect(barScale([], 40)).toBeUndefined();
  });
});
