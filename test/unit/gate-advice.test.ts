import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../results/compare.ts';
import { defaultGateOptions, gateStored } from '../../results/gate.ts';
import { fewestBlocks, floorOf, scatterWarnings, withAdvice } from '../../results/gate-advice.ts';
import { summarise } from '../../results/summarise.ts';
import { gateRun } from '../fixtures/gate-runs.ts';

const made = (seed: number, deviation: number, blocks = 12, worse = 0) =>
  summarise(gateRun({ id: `run-${seed}`, seed, deviation, blocks, worse }));

describe('what a reader of a verdict should know', () => {
  it('the fewest blocks with which anything can be called are those with which something is', () => {
    for (const blocks of [4, 5, 6]) {
      const { metrics } = gateStored(made(1, 0.001, blocks), made(2, 0.001, blocks, 1));
      const isEnough = blocks >= fewestBlocks(metrics.length, defaultGateOptions.alpha, false);
      expect(metrics.some((each) => each.verdict === 'regressed')).toBe(isEnough);
    }
  });

  it('pairs need 2⁻ⁿ, and more figures need more blocks', () => {
    expect(fewestBlocks(1, 0.05, true)).toBe(6);
    expect(fewestBlocks(1, 0.05, false)).toBe(4);
    expect(fewestBlocks(24, 0.05, true)).toBe(10);
  });

  it('a noise floor, where delta is below it, once for all figures', () => {
    const noisy = gateStored(made(1, 0.06), made(2, 0.06));
    const floors = noisy.metrics.map((metric) => floorOf(metric) ?? 0);
    const warnings = withAdvice(noisy, false).warnings.filter((text) => text.startsWith('Delta is below'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${(Math.max(...floors) * 100).toFixed(1)} %`);
    const quiet = withAdvice(gateStored(made(1, 0.005), made(2, 0.005)), false);
    expect(quiet.warnings).toEqual([]);
  });

  it('two runs that scatter very differently, and only those', () => {
    expect(scatterWarnings(compareRuns(made(1, 0.01), made(2, 0.02)).metrics)).toEqual([]);
    const warnings = scatterWarnings(compareRuns(made(1, 0.003), made(2, 0.2)).metrics);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings[0]).toMatch(/scatters \d+ times as much in the head run/);
  });
});
