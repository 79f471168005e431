import { describe, expect, it } from 'vitest';
import { calibrate } from '../../results/calibration.ts';
import { gateLive } from '../../results/gate.ts';
import { history } from '../../results/history.ts';
import { compareArms } from '../../results/live.ts';
import { changePoints } from '../../results/statistics/change-points.ts';
import { probabilityAbove } from '../../results/statistics/hodges-lehmann.ts';
import { noiseFloor } from '../../results/statistics/power.ts';
import { noise } from '../../results/statistics/random.ts';
import { summarise } from '../../results/summarise.ts';
import { metric, okTrial, run } from './results-builders.ts';

const seriesOf = (seed: number, levels: readonly number[], each: number, deviation = 0.02): number[] => {
  const source = noise(seed);
  return levels.flatMap((level) => Array.from({ length: each }, () => level + deviation * source.heavy()));
};

describe('change points', () => {
  it('are found where the level changes, and nowhere else', () => {
    expect(changePoints(seriesOf(1, [0, 0.1], 15)).map((each) => each.at)).toEqual([15]);
    expect(changePoints(seriesOf(2, [0, 0.2, 0.05], 12)).map((each) => each.at)).toEqual([12, 24]);
    expect(changePoints([])).toEqual([]);
    expect(changePoints([1, 2, 3, 4, 5])).toEqual([]);
    expect(changePoints(Array(20).fill(7))).toEqual([]);
  });

  it('are rarely seen in a series that does not change', () => {
    let alarms = 0;
    for (let seed = 0; seed < 400; seed += 1) {
      if (changePoints(seriesOf(seed, [0], 20), { alpha: 0.05, permutations: 99, seed }).length > 0)
        alarms += 1;
    }
    // 5 % of 400 is 20; the bounds are three standard deviations.
    expect(alarms).toBeGreaterThan(7);
    expect(alarms).toBeLessThan(33);
  });

  it('do not mind one wild value', () => {
    const series = seriesOf(3, [0], 24);
    series[12] = 5;
    expect(changePoints(series)).toEqual([]);
  });
});

describe('a history', () => {
  const runOf = (day: number, goodput: number, change = {}) => {
    const startedAt = `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
    const speed = 1 + 0.3 * Math.sin(day);
    const trials = ['same-host/host', 'same-host/bridge', 'same-host/host'].map((scenario, order) =>
      okTrial({ order, scenario, metrics: [metric('goodput', speed * (order === 1 ? goodput : 10))] }),
    );
    return summarise({ run: run({ id: `r${day}`, startedAt, ...change }), trials });
  };

  it('follows the overhead, which a faster machine does not move, and names the run of a change', () => {
    const runs = Array.from({ length: 20 }, (_, i) =>
      runOf(i + 1, (i < 12 ? 8 : 7) * (1 + 0.001 * Math.sin(5 * i))),
    );
    const found = history([...runs].reverse()).find((each) => each.scenario === 'same-host/bridge');
    expect(found).toMatchObject({ follows: 'overhead', unit: 'bit/s', better: 'higher' });
    expect(found?.points.map((point) => point.run)).toEqual(runs.map((each) => each.run.id));
    expect(found?.changes).toHaveLength(1);
    expect(found?.changes[0]).toMatchObject({ run: 'r13', previousRun: 'r12' });
    expect(found?.changes[0]?.size).toBeCloseTo(1 / 7, 2);
  });

  it('leaves out unfinished and emulated runs', () => {
    const runs = [runOf(1, 8), runOf(2, 8, { state: 'interrupted' }), runOf(3, 8, { emulated: true })];
    expect(history(runs)[0]?.points).toHaveLength(1);
  });
});

describe('the noise floor', () => {
  // So many that the noise is known: with few, the floor is as uncertain as their spread is.
  const observed = seriesOf(4, [0.01], 1500, 0.05);
  const question = { logRatios: observed, blocks: 20, delta: 0.03, level: 0.025, alpha: 0.05, power: 0.8 };

  it('is the change that a gate run of so many blocks calls that often', () => {
    const { detectable } = noiseFloor(question);
    expect(detectable).toBeDefined();
    const source = noise(5);
    let called = 0;
    for (let i = 0; i < 2000; i += 1) {
      const sample = Array.from({ length: 20 }, () => Math.log1p(detectable ?? 0) + 0.05 * source.heavy());
      if (probabilityAbove(sample, Math.log1p(0.03)) <= 0.025) called += 1;
    }
    expect(called / 2000).toBeGreaterThan(0.76);
    expect(called / 2000).toBeLessThan(0.84);
  });

  it('falls with more blocks, and is absent where so few can call nothing', () => {
    const at = (blocks: number) => noiseFloor({ ...question, blocks });
    expect(at(30).detectable).toBeLessThan(at(12).detectable ?? 0);
    expect(at(30).passableDelta).toBeLessThan(at(12).passableDelta ?? 0);
    expect(at(4)).toEqual({});
    expect(noiseFloor({ ...question, blocks: 8, level: 0.001 }).detectable).toBeUndefined();
  });
});

describe('a calibration', () => {
  const sameTwice = (seed: number, deviation: number) => {
    const source = noise(seed);
    const trials = Array.from({ length: 30 }, (_, block) =>
      (['base', 'head', 'base'] as const).map((arm, place) =>
        okTrial({
          block,
          order: 3 * block + place,
          scenario: 'same-host/bridge',
          arm,
          metrics: [metric('goodput', 1e10 * Math.exp(deviation * source.heavy()))],
        }),
      ),
    ).flat();
    return compareArms({ run: run(), trials });
  };

  it('recommends what lets an unchanged configuration pass', () => {
    const { metrics, recommendation } = calibrate(sameTwice(1, 0.08), { delta: 0.03, alpha: 0.05 });
    expect(metrics[0]).toMatchObject({ scenario: 'same-host/bridge', metric: 'goodput', observed: 30 });
    const delta = recommendation.deltas[0]?.delta ?? 0;
    expect(delta).toBeGreaterThan(0.03);
    let passed = 0;
    for (let seed = 2; seed < 102; seed += 1) {
      const options = { delta, deltas: [], alpha: 0.05, metrics: [], hostTolerance: 0.5 };
      if (gateLive(sameTwice(seed, 0.08), options).verdict === 'pass') passed += 1;
    }
    expect(passed).toBeGreaterThan(80);
  });

  it('needs few blocks and keeps the wanted delta where the noise is small', () => {
    const { recommendation } = calibrate(sameTwice(1, 0.005), { delta: 0.03, alpha: 0.05 });
    expect(recommendation).toMatchObject({ blocks: 8, deltas: [{ delta: 0.03 }] });
  });
});
