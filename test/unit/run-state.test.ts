import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pair } from '../../bench/pair/pair.ts';
import { RunState } from '../../bench/run/run-state.ts';
import { migrateRun } from '../../results/migrate.ts';
import { schemaVersion } from '../../results/schema.ts';
import { createRun, openRun, type RunWriter } from '../../results/store.ts';
import { metric, okTrial, plan, run } from './results-builders.ts';

let folder: string;
let writer: RunWriter;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-state-'));
  writer = await createRun(folder, run({ state: 'running' }));
});
afterEach(async () => {
  await writer.close();
  rmSync(folder, { recursive: true, force: true });
});

const carried = (goodput: number, order: number) =>
  okTrial({ scenario: 'same-host/bridge', order, metrics: [metric('goodput', goodput)] });
const pair = (generation: number) =>
  ({
    scenario: { id: 'same-host/bridge' },
    generation,
    serverAddress: '192.0.2.1',
    wiring: { path: [] },
  }) as unknown as Pair;

describe('what a run learns', () => {
  it('settles the rate at equal load once, in the record and not in the plan', async () => {
    const before = writer.run.plan;
    const state = new RunState(writer, []);
    await state.add(carried(10e9, 0), '');
    expect(await state.equalLoad('same-host', 'tcp-stream')).toBe(8e9);
    await state.add(carried(1e9, 1), '');
    expect(await state.equalLoad('same-host', 'tcp-stream')).toBe(8e9);
    expect(await state.equalLoad('cross-host', 'tcp-stream')).toBeUndefined();
    expect(writer.run.equalLoadBitsPerSecond).toEqual({ 'same-host': 8e9 });
    expect(writer.run.plan).toEqual(before);
  });

  it('is known to whoever goes on with the run', async () => {
    const state = new RunState(writer, []);
    await state.add(carried(10e9, 0), '');
    await state.equalLoad('same-host', 'tcp-stream');
    await state.addPair(pair(0), undefined, undefined);
    await writer.close();
    const again = await openRun(folder);
    writer = again.writer;
    const later = new RunState(writer, again.stored.trials);
    await later.add(carried(1e9, 1), '');
    await later.addPair(pair(0), undefined, undefined);
    expect(await later.equalLoad('same-host', 'tcp-stream')).toBe(8e9);
    expect(writer.run.pairs).toHaveLength(1);
    expect(later.measured.map(({ order }) => order)).toEqual([0, 1]);
  });

  it('leaves out of earlier trials those that are measured again', () => {
    const { metrics: _, cpu: __, ...base } = carried(1e9, 3);
    const wanting = {
      ...base,
      status: 'failed',
      reason: { code: 'engine-gone', engine: 'local', sinceUtc: '12:00:00', said: 'no answer' },
      engineGone: true,
    } as const;
    expect(new RunState(writer, [wanting]).measured).toEqual([]);
  });

  it('keeps a pair’s facts by scenario, arm and generation', async () => {
    const state = new RunState(writer, []);
    for (const generation of [0, 1, 0]) {
      for (const arm of ['base', 'head', undefined] as const) {
        await state.addPair(pair(generation), arm, undefined);
      }
    }
    expect(writer.run.pairs.map(({ arm = 'none', generation }) => `${arm} ${generation}`)).toEqual([
      'base 0',
      'head 0',
      'none 0',
      'base 1',
      'head 1',
      'none 1',
    ]);
  });

  it('is found where version 1 kept it, in the plan', () => {
    const equalLoadBitsPerSecond = { 'same-host': 8e9 };
    const old = { ...run(), schemaVersion: 1, plan: { ...plan(), equalLoadBitsPerSecond } };
    expect(migrateRun(old)).toMatchObject({ schemaVersion, plan: plan(), equalLoadBitsPerSecond });
    expect((migrateRun(old) as { plan: object }).plan).not.toHaveProperty('equalLoadBitsPerSecond');
  });
});
