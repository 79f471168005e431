import { describe, expect, it } from 'vitest';
import { gateOptions } from '../../bench/config/gate-config.ts';
import { isDecided } from '../../bench/run/decided.ts';
import { liveGateRun } from '../fixtures/gate-runs.ts';

const looks = [8, 12, 16];
const slower = liveGateRun({ id: 'slower', seed: 5, worse: 0.15, looks, blocks: 12 });
const equal = liveGateRun({ id: 'equal', seed: 6, looks, blocks: 8 });
const noisy = liveGateRun({ id: 'noisy', seed: 7, deviation: 0.15, looks, blocks: 8 });

describe('a live comparison may end', () => {
  it('at a look that decides, either way', () => {
    expect(isDecided(slower.run, slower.trials, 12)).toBe(true);
    expect(isDecided(equal.run, equal.trials, 8)).toBe(true);
  });

  it('but not between looks, not where nothing is decided, and never where its plan has no looks', () => {
    expect(isDecided(equal.run, equal.trials, 9)).toBe(false);
    expect(isDecided(noisy.run, noisy.trials, 8)).toBe(false);
    const { looks: _, ...plan } = equal.run.plan;
    expect(isDecided({ ...equal.run, plan }, equal.trials, 8)).toBe(false);
  });

  it('by the rules that the gate will judge by', () => {
    const strict = gateOptions({}, { delta: 0.001 });
    expect(isDecided(equal.run, equal.trials, 8, strict)).toBe(false);
    expect(isDecided(noisy.run, noisy.trials, 8, gateOptions({}, { delta: 0.8 }))).toBe(true);
  });
});
