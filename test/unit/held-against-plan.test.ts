import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gate } from '../../bench/commands/gate.ts';
import { report } from '../../bench/commands/report.ts';
import { planTrials } from '../../bench/plan/plan.ts';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { lackOf } from '../../results/held-against-plan.ts';
import { inWords } from '../../results/reasons.ts';
import type { Run, RunRecord, Trial } from '../../results/schema.ts';
import { readRun } from '../../results/stored-run.ts';
import { caught } from '../fixtures/caught.ts';
import { gateRun, liveGateRun, writeGateRun } from '../fixtures/gate-runs.ts';
import { run as builtRun, okTrial, plan, readyScenario } from './results-builders.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-held-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A record, with what a person or a disk did to its trials. */
async function changed(id: string, change: (lines: string[]) => string[], run: Partial<Run> = {}) {
  const directory = await writeGateRun(folder, gateRun({ id, seed: 1, blocks: 6, run }));
  const path = join(directory, 'trials.ndjson');
  const lines = (await readFile(path, 'utf8')).split(/(?<=\n)/);
  await writeFile(path, change(lines).join(''));
  return directory;
}

const all = 6 * 2 * 5;

describe('a record that lacks trials', () => {
  it.each<[string, (lines: string[]) => string[], number]>([
    ['the second half', (lines) => lines.slice(0, lines.length / 2), all / 2],
    ['the first half', (lines) => lines.slice(lines.length / 2), all / 2],
    ['each second line', (lines) => lines.filter((_, index) => index % 2 === 0), all / 2],
    ['one line in its middle', (lines) => lines.filter((_, index) => index !== 20), 1],
    ['all of them', () => [], all],
  ])('says on its first screen that it lacks %s', async (what, change, missing) => {
    const directory = await changed(`lacks ${what}`, change, { trialsPlanned: all });
    expect((await readRun(directory)).missing).toEqual({ missing, expected: all });
    const { out } = await caught((context) => report([directory], { format: 'csv' }, context));
    const first = out.split('\n\n')[0]?.replaceAll(/\s+/g, ' ');
    expect(first).toContain(`The record lacks ${missing === all ? 'all' : missing} of ${all} trials`);
    // The run noted 100 s for all of its trials, of which each took one.
    expect(first).toContain(`measured ${all - missing === 59 ? '59 s' : `${all - missing} s`} of`);
  });

  it('is seen by its blocks where an older run did not note how many were planned', async () => {
    const directory = await changed('older', (lines) => lines.slice(0, lines.length / 2));
    expect((await readRun(directory)).missing?.missing).toBeGreaterThanOrEqual(3 * 2 * 3);
    const empty = await changed('older and empty', () => []);
    expect((await readRun(empty)).missing?.missing).toBe(6 * 2 * 3);
  });

  it('is judged by nobody, neither as head nor as baseline', async () => {
    const whole = await changed('whole', (lines) => lines);
    const half = await changed('half', (lines) => lines.slice(0, 30), { trialsPlanned: all });
    for (const [head, baseline] of [
      [half, whole],
      [whole, half],
    ] as const) {
      const { code, out } = await caught((context) => gate(head, { baseline }, context));
      expect(code).toBe(4);
      expect(out.replaceAll(/\s+/g, ' ')).toContain('its record lacks 30 of 60 trials');
      expect(out).not.toMatch(/\b(pass|regressed|improved): /);
    }
    const live = liveGateRun({ id: 'live', seed: 3, blocks: 6, run: { trialsPlanned: 6 * 3 * 5 } });
    const torn = await writeGateRun(folder, { ...live, trials: live.trials.slice(0, 50) });
    const { code, out } = await caught((context) => gate(torn, {}, context));
    expect(code).toBe(4);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('its record lacks 40 of 90 trials');
  });
});

describe('a record that lacks nothing', () => {
  const lacks = ({ run, trials }: RunRecord) => lackOf(run, trials);

  it('is any that the plan gave, whatever became of its trials', () => {
    expect(lacks(gateRun({ id: 'a', seed: 1 }))).toBeUndefined();
    expect(lacks(liveGateRun({ id: 'a', seed: 1 }))).toBeUndefined();
    expect(lacks(syntheticRun({ failedShare: 0.2, invalidShare: 0.2 }))).toBeUndefined();
  });

  it('is one that was ended before it came to them', () => {
    const { run, trials } = gateRun({ id: 'a', seed: 1, run: { state: 'interrupted', trialsPlanned: 120 } });
    expect(lackOf(run, trials.slice(0, 17))).toBeUndefined();
    expect(lackOf(run, trials.slice(3, 17))).toEqual({ missing: 3, expected: 17 });
  });

  it('is one that a look ended', () => {
    const planned = { trialsPlanned: 12 * 15 };
    const { run, trials } = liveGateRun({ id: 'a', seed: 1, looks: [8, 12], run: planned });
    const early = trials.filter(({ block }) => block < 8);
    expect(lackOf(run, early)).toBeUndefined();
    expect(lackOf(run, early.slice(0, -20))?.missing).toBeGreaterThan(0);
  });

  it('leaves out what the plan excludes and what is measured in some blocks only', () => {
    const own = plan({
      blocks: 4,
      workloads: [
        { id: 'tcp-stream', durationSeconds: 1, omitSeconds: 0 },
        { id: 'dns', durationSeconds: 1, omitSeconds: 0, everyBlocks: 2 },
      ],
      scenarios: [
        readyScenario('same-host', 'host', true),
        readyScenario('same-host', 'bridge'),
        readyScenario('same-host', 'macvlan'),
      ],
      exclusions: [{ scenario: 'same-host/macvlan', workload: 'dns', reason: 'none' }],
    });
    const planned = planTrials(own);
    const trials = planned.map((each): Trial => okTrial({ ...each, generation: 0 }));
    expect(lackOf(builtRun({ plan: own }), trials)).toBeUndefined();
    expect(lackOf(builtRun({ plan: own, trialsPlanned: planned.length }), trials)).toBeUndefined();
    expect(lackOf(builtRun({ plan: own, trialsPlanned: planned.length }), trials.slice(0, -1))).toEqual({
      missing: 1,
      expected: planned.length,
    });
  });
});

describe('a record that holds what it should not', () => {
  const refusal = (message: string) =>
    expect.objectContaining({ name: 'Failure', kind: 'usage', message: expect.stringContaining(message) });

  it('is refused with a trial twice, which would count twice', async () => {
    const doubled = await changed('doubled', (lines) => [...lines, ...lines]);
    await expect(readRun(doubled)).rejects.toEqual(
      refusal('trials.ndjson:61: trial 0 is in the file twice; line 1 has it already.'),
    );
    const unended = await changed('once more', (lines) => [...lines, lines[5]?.trimEnd() ?? '']);
    await expect(readRun(unended)).rejects.toEqual(refusal('trials.ndjson:61: trial 5 is in the file twice'));
  });

  it('is read where the first of two lines is of a trial that an absent engine took', async () => {
    const directory = await changed('again', (lines) => lines.slice(1));
    const { metrics, cpu, status, ...place } = okTrial({ order: 0 });
    const wanting = { ...place, status: 'failed', reason: inWords('gone'), engineGone: true };
    const path = join(directory, 'trials.ndjson');
    await appendFile(path, `${JSON.stringify(wanting)}\n${JSON.stringify(okTrial({ order: 0 }))}\n`);
    expect((await readRun(directory)).trials).toHaveLength(all);
  });

  it.each<[string, Partial<Trial>]>([
    ['same-host/overlay', { scenario: 'same-host/overlay' }],
    ['udp-rr', { workload: 'udp-rr' }],
    ['block 6', { block: 6 }],
    ['same-host/host in the arm head', { arm: 'head' }],
  ])('is refused with a trial of %s, which its plan does not have', async (what, change) => {
    const directory = await changed(`strange ${Object.keys(change)}`, (lines) => lines);
    const strange = { ...okTrial({ order: all }), ...change };
    await appendFile(join(directory, 'trials.ndjson'), `${JSON.stringify(strange)}\n`);
    await expect(readRun(directory)).rejects.toEqual(refusal(`trial ${all} is of ${what}`));
  });
});
