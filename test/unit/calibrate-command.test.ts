import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrateHere } from '../../bench/commands/calibrate.ts';
import { readConfig } from '../../bench/config/config-file.ts';
import { displayWidth } from '../../reports/text.ts';
import { Failure } from '../../results/failure.ts';
import type { RunRecord } from '../../results/schema.ts';
import { caught } from '../fixtures/caught.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-calibrate-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Options = Partial<Parameters<typeof calibrateHere>[0]>;

async function calibrated(record: RunRecord, options: Options = {}) {
  const from = await writeGateRun(folder, record);
  return caught((context) => calibrateHere({ from, flags: {}, ...options }, context));
}

const quiet = () => liveGateRun({ id: 'quiet', seed: 1, deviation: 0.01, scenarios: ['bridge'], blocks: 16 });
const noisy = () => liveGateRun({ id: 'noisy', seed: 2, deviation: 0.08, scenarios: ['bridge'], blocks: 16 });

describe('tare calibrate on a stored A/A run', () => {
  it('sees more with more blocks, and less on a noisy machine', async () => {
    const of = async (record: RunRecord) => JSON.parse((await calibrated(record, { json: true })).out);
    const [still, loud] = [await of(quiet()), await of(noisy())];
    const sees = (object: { metrics: { byBlocks: { blocks: number; detectable: number }[] }[] }) =>
      object.metrics[0]?.byBlocks.map(({ detectable }) => detectable) ?? [];
    expect(still.metrics).toHaveLength(1);
    expect(sees(still).at(-1)).toBeLessThan(sees(still)[0] as number);
    expect(sees(still).at(-1)).toBeGreaterThan(0.03);
    expect(sees(loud).at(-1)).toBeGreaterThan(sees(still).at(-1) as number);
    expect(still.recommendation).toMatchObject({ blocks: 8, deltas: [{ delta: 0.03 }] });
    expect(loud.recommendation.blocks).toBeGreaterThan(8);
  });

  it('prints it within 100 columns', async () => {
    const { code, out } = await calibrated(noisy());
    expect(code).toBe(0);
    expect(out).toContain('tcp-stream goodput · same-host/bridge · from 16 blocks');
    expect(out).toMatch(/^plan +\d+ blocks, and delta/m);
    expect(Math.max(...out.split('\n').map(displayWidth))).toBeLessThanOrEqual(100);
  });

  it('writes a plan that the gate reads, and leaves what else the file says', async () => {
    const write = join(folder, 'bench.yaml');
    await writeFile(write, '# ours\nblocks: 4\nscenarios: [same-host/bridge]\ngate:\n  alpha: 0.01\n');
    await calibrated(noisy(), { write, config: write });
    const text = await readFile(write, 'utf8');
    expect(text).toMatch(/^# ours\n/);
    const config = await readConfig(write);
    expect(config.blocks).toBeGreaterThanOrEqual(8);
    expect(config.scenarios).toEqual(['same-host/bridge']);
    expect(config.gate).toMatchObject({ alpha: 0.01, delta: 0.03 });
    expect(config.gate?.deltas?.[0]?.metrics).toBe('same-host/bridge:tcp-stream:goodput');
    expect(config.gate?.deltas?.[0]?.delta).toBeGreaterThan(0.03);
  });

  it('warns of guesswork from few blocks', async () => {
    const few = liveGateRun({ id: 'few', seed: 3, scenarios: ['bridge'], blocks: 5 });
    expect((await calibrated(few)).out).toContain('fewer than 8 these figures are guesswork');
  });

  it('refuses what is not one configuration beside itself', async () => {
    const { run, trials } = liveGateRun({ id: 'other', seed: 3, scenarios: ['bridge'] });
    const isLeft = ({
      id,
      scenario = id,
      arm,
    }: {
      id?: string;
      scenario?: string;
      arm?: string | undefined;
    }) => arm === 'base' || scenario === 'same-host/host';
    const different = {
      run: { ...run, plan: { ...run.plan, scenarios: run.plan.scenarios.filter(isLeft) } },
      trials: trials.filter(isLeft),
    };
    for (const [record, reason] of [
      [gateRun({ id: 'plain', seed: 3, run: { state: 'interrupted' } }), 'is interrupted, not finished'],
      [different, 'compares two different configurations'],
      [liveGateRun({ id: 'torn', seed: 3, run: { state: 'interrupted' } }), 'is interrupted, not finished'],
      [liveGateRun({ id: 'fake', seed: 3, run: { emulated: true } }), 'emulated kernel'],
    ] as const) {
      const error = await calibrated(record).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(Failure);
      expect(error.message).toContain(reason);
      expect(error.remedy).toBeTruthy();
    }
  });
});
