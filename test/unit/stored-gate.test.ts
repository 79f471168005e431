import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBaseline } from '../../bench/commands/baseline.ts';
import { gate } from '../../bench/commands/gate.ts';
import { gatingScenarios, SimulatedMachine, seenMachine } from '../../bench/studies/gate/model.ts';
import { calibratedGateRun, tally } from '../../bench/studies/gate/simulate.ts';
import { outlookLines } from '../../reports/outlook.ts';
import { defaultGateOptions, type GateResult, gateStored } from '../../results/gate.ts';
import { confirmed, together, wantsMeasuringAgain } from '../../results/measured-again.ts';
import { noise } from '../../results/statistics/random.ts';
import { calibrateStored } from '../../results/stored-calibration.ts';
import { summarise } from '../../results/summarise.ts';
import { caught } from '../fixtures/caught.ts';
import { countedRun } from '../fixtures/counted-runs.ts';
import { gateRun, writeGateRun } from '../fixtures/gate-runs.ts';

const quiet = (id: string, seed: number, worse = 0) => gateRun({ id, seed, worse, deviation: 0.004 });
const loud = (id: string, seed: number) => gateRun({ id, seed, deviation: 0.06 });

describe('what a gate against a stored run can see', () => {
  it('is told of the baseline’s own scatter: a quiet machine holds delta, a loud one says what it holds', () => {
    const calm = calibrateStored(summarise(quiet('calm', 1)), defaultGateOptions);
    expect(calm.recommendation.deltas.map(({ delta }) => delta)).toEqual(
      calm.recommendation.deltas.map(() => 0.03),
    );
    const noisy = calibrateStored(summarise(loud('noisy', 1)), defaultGateOptions);
    for (const { delta } of noisy.recommendation.deltas) expect(delta).toBeGreaterThan(0.03);
    const lines = outlookLines(noisy.metrics, defaultGateOptions, 0.5);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/with 12 blocks nothing below .* can be told, and delta is 3\.0/);
    expect(lines[0]).toContain('tare calibrate --stored');
    expect(outlookLines(calm.metrics, defaultGateOptions, 0.5)[0]).toContain('passes within');
  });

  it('grows sharper with blocks', () => {
    for (const { byBlocks } of calibrateStored(summarise(loud('noisy', 2)), defaultGateOptions).metrics) {
      const bounds = byBlocks.map(({ passableDelta = 9 }) => passableDelta);
      expect(bounds.at(-1)).toBeLessThan(bounds[0] as number);
    }
  });
});

describe('a suspicion measured again', () => {
  const base = summarise(quiet('base', 1));
  const judged = (record: Parameters<typeof summarise>[0]): GateResult => gateStored(base, summarise(record));

  it('is raised where the second measurement calls it, too', () => {
    const [first, second] = [quiet('one', 2, 0.2), quiet('two', 3, 0.2)];
    expect(wantsMeasuringAgain(judged(first))).toBe(true);
    expect(confirmed(judged(together(first, second)), judged(second)).verdict).toBe('regressed');
  });

  it('is not where it was a bad hour', () => {
    const [bad, good] = [quiet('bad', 2, 0.2), quiet('good', 3)];
    const both = judged(together(bad, good));
    const result = confirmed(
      { ...both, metrics: both.metrics.map((each) => ({ ...each, verdict: 'regressed' })) },
      judged(good),
    );
    expect(result.verdict).toBe('inconclusive');
    expect(result.metrics.map(({ undecided }) => undecided)).toEqual(
      result.metrics.map(() => 'not-seen-again'),
    );
  });

  it('stands on the trials of both, each once', () => {
    const [first, second] = [quiet('one', 2), quiet('two', 3)];
    const both = together(first, second);
    expect(both.trials).toHaveLength(first.trials.length + second.trials.length);
    expect(new Set(both.trials.map(({ order }) => order)).size).toBe(both.trials.length);
    expect(Math.max(...both.trials.map(({ block }) => block))).toBe(23);
    expect(summarise(both).topologies[0]?.scenarios[1]).toMatchObject({ status: 'ok' });
  });
});

describe('the profile gate, simulated', () => {
  it('passes an unchanged network and calls no regression where there is none', () => {
    const options = { blocks: 30, slowdown: 0, gate: defaultGateOptions };
    const { verdicts } = tally('unchanged', 0, 50, calibratedGateRun(seenMachine, 5, options));
    expect(verdicts.regressed).toBe(0);
    expect(verdicts.pass).toBeGreaterThanOrEqual(40);
  });

  it('measures the networks that gate alone', () => {
    const { trials } = new SimulatedMachine(seenMachine, noise(1)).storedRun(1, 0, gatingScenarios);
    expect(new Set(trials.map(({ scenario }) => scenario)).size).toBe(1 + gatingScenarios.length);
  });
});

describe('tare gate, asked to measure,', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tare-stored-gate-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('refuses in one line what makes no sense, before it opens anything', async () => {
    const wall = await writeGateRun(folder, quiet('wall', 1));
    const counted = await writeGateRun(folder, countedRun({ id: 'counted' }));
    const refused = (...[reference, options]: [string | undefined, Parameters<typeof gate>[1]]) =>
      expect(caught((context) => gate(reference, options, context))).rejects;
    await refused(wall, { measure: true, baseline: wall }).toMatchObject({ kind: 'usage' });
    await refused(undefined, { measure: true }).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('nothing to judge'),
    });
    await refused(undefined, { baseline: wall, flags: { machine: 'counted' } }).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('wall clock'),
    });
    await refused(undefined, { baseline: counted, measure: true }).toMatchObject({
      kind: 'usage',
      remedy: 'Give --machine counted.',
    });
    await expect(
      caught((context) =>
        writeBaseline({ from: counted, write: 'x', flags: { machine: 'counted' } }, context),
      ),
    ).rejects.toMatchObject({ kind: 'usage' });
  });
});
