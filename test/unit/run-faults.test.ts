import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { removeLabelled } from '../../bench/engine/clean-labelled.ts';
import { CpuMeter } from '../../bench/run/cpu-meter.ts';
import type { RunEvent } from '../../bench/run/events.ts';
import { carryOut, type RunnerOptions } from '../../bench/run/runner.ts';
import type { Site } from '../../bench/site/site.ts';
import { Failure } from '../../results/failure.ts';
import { inWords } from '../../results/reasons.ts';
import { createRun, openRun } from '../../results/store.ts';
import { readRun } from '../../results/stored-run.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';
import { fakeSite, fakeWorkload } from '../fixtures/fake-site.ts';
import { plan, readyScenario, run } from './results-builders.ts';

// A walk is as many tries as there are calls, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
let fakes: FakeEngine[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tare-faults-'));
  fakes = await Promise.all([FakeEngine.start(), FakeEngine.start(), FakeEngine.start()]);
});
afterEach(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const [first, second] = [0, 1].map((index) => () => fakes[index] as FakeEngine) as [
  () => FakeEngine,
  () => FakeEngine,
];

/** Names of what is on an engine beside the site's probe. */
const leftOn = ({ containers, networks }: FakeEngine) => [
  ...[...containers.values()].map(({ name }) => name).filter((name) => name !== 'tare-fake-probe'),
  ...[...networks.values()].map(({ spec }) => spec.Name),
];

const samePlan = plan({ blocks: 2, blocksPerGeneration: 1 });
const bothPlan = plan({
  blocks: 1,
  scenarios: [
    readyScenario('same-host', 'host', true),
    readyScenario('same-host', 'bridge'),
    readyScenario('cross-host', 'host', true),
    readyScenario('cross-host', 'bridge-published'),
  ],
  baselines: { 'same-host': 'same-host/host', 'cross-host': 'cross-host/host' },
});

/** Carries a plan out, or goes on with what is in the folder. */
async function measure(
  site: Site,
  planned: typeof samePlan,
  options: Partial<RunnerOptions> & { readonly again?: boolean } = {},
) {
  const warnings: string[] = [];
  const opened = options.again
    ? await openRun(folder)
    : { writer: await createRun(folder, run({ plan: planned, state: 'running' })), stored: undefined };
  const listener = (event: RunEvent) => {
    if (event.type === 'warning') warnings.push(event.text);
  };
  try {
    const state = await carryOut({
      site,
      plan: planned,
      workloads: [fakeWorkload()],
      writer: opened.writer,
      meter: await CpuMeter.create(site.runId),
      cores: 2,
      listener,
      signal: new AbortController().signal,
      earlier: opened.stored?.trials ?? [],
      ...options,
    });
    return { state, warnings };
  } finally {
    await opened.writer.close();
  }
}

const statuses = async () => (await readRun(folder)).trials.map(({ order, status }) => `${order} ${status}`);

describe('a run', () => {
  it('goes on past pairs that can’t be removed, and says so', async () => {
    const site = await fakeSite(first());
    first().order('DELETE /networks/', { type: 'refusing', status: 500, message: 'no such luck' });
    const { state, warnings } = await measure(site, samePlan);
    expect(state).toBe('finished');
    expect(await statuses()).toEqual([...Array(8).keys()].map((order) => `${order} ok`));
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings[0]).toMatch(/same-host\/bridge was not removed cleanly: .*no such luck/);
  });

  it('tells why a pair could not be made, not why it could not be removed', async () => {
    const site = await fakeSite(first());
    first().order(/^POST \/containers\/create\?name=tare-fake-1/, {
      type: 'refusing',
      status: 500,
      message: 'no room',
    });
    first().order('DELETE /networks/', { type: 'refusing', status: 500, message: 'no such luck' });
    expect((await measure(site, samePlan)).state).toBe('finished');
    const failed = (await readRun(folder)).trials.find(({ status }) => status === 'failed');
    expect(failed).toMatchObject({
      scenario: 'same-host/bridge',
      reason: { code: 'no-pair', said: expect.stringContaining('no room') },
    });
  });

  it('tells what helps where a pair could not be made or a trial threw', async () => {
    const site = await fakeSite(first());
    first().order('POST /networks/create', { type: 'refusing', status: 500, message: 'no address space' });
    const refuses = fakeWorkload(async () => {
      throw new Failure('infrastructure', 'there is no tool.', 'Bring one.');
    });
    expect((await measure(site, samePlan, { workloads: [refuses] })).state).toBe('finished');
    const { trials } = await readRun(folder);
    const reasonOf = (id: string) => trials.find(({ scenario }) => scenario === id);
    expect(reasonOf('same-host/host')).toMatchObject({ reason: inWords('there is no tool. Bring one.') });
    expect(reasonOf('same-host/bridge')).toMatchObject({
      reason: {
        code: 'no-pair',
        said: expect.stringMatching(/no address space\. Free some address space: /),
      },
    });
  });

  it('goes on where only one engine has gone, and measures the rest when it is back', async () => {
    const site = await fakeSite(...(fakes as [FakeEngine, FakeEngine, FakeEngine]));
    const dies = fakeWorkload(async (scenario) => {
      if (!scenario.startsWith('cross-host')) return undefined;
      await second().die();
      return 'no answer';
    });
    const { state } = await measure(site, bothPlan, { workloads: [dies] });
    expect(state).toBe('failed');
    const { trials } = await readRun(folder);
    for (const trial of trials) {
      if (trial.scenario.startsWith('same-host')) expect(trial.status, trial.scenario).toBe('ok');
      else {
        expect(trial).toMatchObject({
          engineGone: true,
          reason: {
            code: 'engine-gone',
            engine: 'node-1',
            sinceUtc: expect.stringMatching(/^\d\d:\d\d:\d\d$/),
          },
        });
      }
    }
    await second().comeBack();
    // As `--resume` does it: under an id of its own, since the one that died kept its containers.
    expect((await measure({ ...site, runId: 'again' }, bothPlan, { again: true })).state).toBe('finished');
    const after = await statuses();
    expect(after).toEqual(trials.map(({ order }) => `${order} ok`));
  });

  it('ends where no engine is left, with what it measured in the record', async () => {
    const site = await fakeSite(first());
    let count = 0;
    const dies = fakeWorkload(async () => {
      count += 1;
      if (count === 4) {
        await first().die();
        return 'no answer';
      }
      return undefined;
    });
    await expect(measure(site, samePlan, { workloads: [dies] })).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(/nothing is left to measure on: the engine local does not answer/),
    });
    expect(await statuses()).toEqual(['0 ok', '1 ok', '2 ok', '3 failed']);
  });

  it('ends as interrupted while its pairs come up, and leaves none', async () => {
    const site = await fakeSite(first());
    const interruption = new AbortController();
    first().order('POST /networks/create', { type: 'late', millis: 300 });
    setTimeout(() => interruption.abort(), 100);
    expect((await measure(site, samePlan, { signal: interruption.signal })).state).toBe('interrupted');
    expect([...first().containers.values()].map(({ name }) => name)).toEqual(['tare-fake-probe']);
    expect(first().networks.size).toBe(0);
  });

  it.each([
    { type: 'refusing', status: 500, message: 'no such luck' },
    { type: 'gone' },
    { type: 'cut' },
  ] as const)(
    'leaves nothing of its pairs and ends, whichever one call the engine is $type in',
    async (fault) => {
      const short = plan({ blocks: 1, blocksPerGeneration: 1 });
      let wasMade = true;
      let finished = 0;
      for (let number = 1; wasMade; number += 1) {
        const site = await fakeSite(first());
        const made = first().orderAt(number, fault);
        const before = first().calls.length;
        const outcome = await measure(site, short).catch((error: Error) => error);
        wasMade = made();
        const call = `${number}: ${first().calls[before + number - 1]}`;
        if (outcome instanceof Error) expect(outcome, call).toMatchObject({ name: 'Failure' });
        else {
          finished += 1;
          expect(outcome.state, call).toBe('finished');
          // A clean-up that failed is told; what it left is swept with the run.
          if (outcome.warnings.length > 0)
            expect(outcome.warnings[0], call).toMatch(/was not removed cleanly/);
        }
        if (outcome instanceof Error || outcome.warnings.length === 0)
          expect(leftOn(first()), call).toEqual([]);
        first().relent();
        await removeLabelled([first().engine()], 'fake');
        rmSync(folder, { recursive: true, force: true });
      }
      expect(finished).toBeGreaterThan(10);
    },
  );

  it('ends as interrupted in whichever call that comes, and leaves nothing', async () => {
    const site = await fakeSite(first());
    const short = plan({ blocks: 1, blocksPerGeneration: 1 });
    let isThere = false;
    for (let number = 1; !isThere; number += 1) {
      const interruption = new AbortController();
      const before = first().calls.length;
      first().listener = () => {
        if (first().calls.length === before + number) interruption.abort();
      };
      const { state } = await measure(site, short, { signal: interruption.signal });
      first().listener = undefined;
      isThere = !interruption.signal.aborted;
      const call = `${number}: ${first().calls[before + number - 1]}`;
      expect(leftOn(first()), call).toEqual([]);
      // What comes after the last trial is no longer the run's to end.
      if (state === 'finished') expect((await readRun(folder)).trials, call).toHaveLength(5);
      else expect(state, call).toBe('interrupted');
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('ends the watch of a trial that failed or threw', async () => {
    const site = await fakeSite(first());
    let watches = 0;
    let count = 0;
    const fails = fakeWorkload(async () => {
      count += 1;
      if (count === 2) return 'no answer';
      if (count === 3) throw new Error('the engine failed');
      return undefined;
    });
    await measure(site, samePlan, {
      workloads: [fails],
      watch: async () => {
        watches += 1;
        return async () => {
          watches -= 1;
          return { verdict: 'unobserved', summary: '', checks: [], counters: {} };
        };
      },
    });
    expect({ count, watches }).toEqual({ count: 8, watches: 0 });
  });
});
