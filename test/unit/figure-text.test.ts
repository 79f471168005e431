import { expect, it } from 'vitest';
import { bytesText, percentText } from '../../results/figure-text.ts';

it.each([
  [0, '0 %'],
  [0.0002, '0 %'],
  [0.025, '2.5 %'],
  [0.03, '3 %'],
  [0.0996, '10 %'],
  [0.875, '88 %'],
  [0.9987, '99.9 %'],
  [1, '100 %'],
  [-0.123, '−12 %'],
  [Number.NaN, 'n/a'],
])('the share %d is %s', (share, text) => {
  expect(percentText(share)).toBe(text);
});

it.each([
  [0, '0 B'],
  [512, '512 B'],
  [1500, '1.5 kB'],
  [999_700, '1 MB'],
  [256e6, '256 MB'],
  [1.234e9, '1.23 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
