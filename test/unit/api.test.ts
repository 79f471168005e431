import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeRuns, readRun } from '../../reports/api.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-api-'));
  await writeGateRun(folder, gateRun({ id: 'one', seed: 1 }));
  await writeGateRun(folder, gateRun({ id: 'two', seed: 2, worse: 0.1 }));
  await writeGateRun(folder, liveGateRun({ id: 'live', seed: 3 }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the API', () => {
  it('reads a run as `tare report --json` tells it', async () => {
    const run = await readRun(join(folder, 'one'));
    expect(run).toMatchObject({ id: 'one', figures: { run: 'one' } });
    expect(run.figures.scenarios.length).toBeGreaterThan(1);
  });

  it('judges two runs as `tare gate --json` does, by rules that may be given', async () => {
    const [one, two] = await Promise.all([readRun(join(folder, 'one')), readRun(join(folder, 'two'))]);
    expect(judgeRuns(one, two).verdict).toBe('regressed');
    expect(judgeRuns(one, two, { delta: 0.5 }).verdict).toBe('pass');
    expect(() => judgeRuns({ ...one }, two)).toThrow(TypeError);
  });

  it('fails with a remedy', async () => {
    await expect(readRun(join(folder, 'none'))).rejects.toMatchObject({ remedy: expect.any(String) });
    const [one, live] = await Promise.all([readRun(join(folder, 'one')), readRun(join(folder, 'live'))]);
    expect(() => judgeRuns(one, live)).toThrow(/live comparison/);
  });
});
