import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { giveAdvice } from '../../bench/commands/advise.ts';
import { gate } from '../../bench/commands/gate.ts';
import { formatsFrom, present } from '../../bench/commands/present.ts';
import { listWorkloads } from '../../bench/commands/workloads.ts';
import { resolveConfig } from '../../bench/config/config.ts';
import { selectScenarios } from '../../bench/config/selection.ts';
import { makePlan, makeWish } from '../../bench/plan/make-plan.ts';
import { CpuMeter } from '../../bench/run/cpu-meter.ts';
import { carryOut } from '../../bench/run/runner.ts';
import { workloadById, workloads } from '../../bench/workloads/registry.ts';
import { drivers } from '../../drivers/registry.ts';
import { protectionLevel } from '../../reports/charts/trade-off-spec.ts';
import type { JsonComparison } from '../../reports/gate-json.ts';
import { createRun } from '../../results/store.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { caught } from '../fixtures/caught.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';
import { fakeSite } from '../fixtures/fake-site.ts';
import { madeUpSpeed } from '../fixtures/made-up/workload.ts';
import { run } from './results-builders.ts';

// Each is one file and one more line in a registry, of this test alone. Nothing else may have to know of it.
vi.mock('../../drivers/registry.ts', async (original) => {
  const { drivers, registryOf } = await original<typeof import('../../drivers/registry.ts')>();
  const { madeUpDriver } = await import('../fixtures/made-up/driver.ts');
  return { registryOf, ...registryOf([...drivers, madeUpDriver]) };
});
vi.mock('../../bench/workloads/registry.ts', async (original) => {
  const { workloads, registryOf } = await original<typeof import('../../bench/workloads/registry.ts')>();
  const { madeUpWorkload } = await import('../fixtures/made-up/workload.ts');
  return { registryOf, ...registryOf([...workloads, madeUpWorkload]) };
});
vi.mock('../../reports/formats/registry.ts', async (original) => {
  const { reportFormats } = await original<typeof import('../../reports/formats/registry.ts')>();
  const { madeUpFormat } = await import('../fixtures/made-up/format.ts');
  return { reportFormats: [...reportFormats, madeUpFormat] };
});

const id = 'same-host/made-up';
const config = resolveConfig({ scenarios: [id, 'same-host/bridge'], workloads: ['made-up-flow'], blocks: 8 });
const ready = () => ({ type: 'ready' }) as const;

describe('a driver, a workload and a format that are one file and one line each', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tare-made-up-'));
    for (const [name, share] of [
      ['before', 1],
      ['after', 0.7],
    ] as const) {
      madeUpSpeed.share = share;
      await measure(name);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const directory = (name: string) => join(folder, name);

  async function measure(name: string): Promise<void> {
    const plan = makePlan(makeWish(config), config, ready, 1);
    const fake = await FakeEngine.start();
    const site = { ...(await fakeSite(fake)), runId: name };
    const writer = await createRun(directory(name), run({ id: name, plan, state: 'running' }));
    const workloads = plan.workloads.flatMap((each) => workloadById(each.id) ?? []);
    const meter = await CpuMeter.create(site.runId);
    const { signal } = new AbortController();
    const rest = { cores: 2, listener: () => undefined, signal, earlier: [] };
    const state = await carryOut({ site, plan, workloads, writer, meter, ...rest });
    await writer.update({ state: state === 'finished' ? state : 'failed' });
    await writer.close();
    await fake.stop();
  }

  it('are selected, with the options and hindrances that they take', () => {
    const ids = (pattern: string) => selectScenarios([pattern]).map((each) => each.id);
    expect(ids('*made*')).toEqual([id]);
    expect(ids(`${id}@depth=2`)).toEqual([`${id}@depth=2`]);
    expect(ids(`${id}@cpus=0.5`)).toEqual([`${id}@cpus=0.5`]);
    expect(() => ids(`${id}@depth=none`)).toThrow(/is no value for depth \(how deep it is dug\)/);
    expect(() => ids(`${id}@rules=9`)).toThrow(/takes no option "rules"/);
  });

  it('are planned with what they say of themselves, and left out where they make no sense', () => {
    const scenarios = [id, 'same-host/bare'];
    const wish = makeWish(resolveConfig({ scenarios, workloads: ['made-up-flow', 'dns', 'scale@pairs=2'] }));
    const { exclusions, ...plan } = makePlan(wish, resolveConfig({}), ready, 1);
    expect(plan.scenarios.find((each) => each.id === id)?.traits).toMatchObject({ encrypts: true });
    expect(plan.workloads.find((each) => each.id === 'made-up-flow')?.traits).toEqual({
      primaryMetric: 'carried',
      answers: [{ question: 'throughput', metric: 'carried', rank: 9 }],
    });
    expect(exclusions).toContainEqual({
      scenario: 'same-host/bare',
      workload: 'made-up-flow',
      reason: 'There is nothing to make up.',
    });
    expect(exclusions?.filter((each) => each.scenario === id)).toEqual([]);
  });

  it('are measured and recorded', async () => {
    const { run: stored, trials } = await readRun(directory('before'));
    expect(stored.state).toBe('finished');
    expect(new Set(trials.map(({ status }) => status))).toEqual(new Set(['ok']));
    expect(trials.filter(({ scenario }) => scenario === id)).toHaveLength(9);
    expect(stored.pairs.some(({ scenario }) => scenario === id)).toBe(true);
  });

  it('are reported, in the format too', async () => {
    const out = join(folder, 'report');
    const formats = formatsFrom('runes,md,html,csv,json');
    const shown = await caught(async (context) => {
      const { isReported } = await present(directory('after'), { out, json: false, formats }, context);
      return isReported ? 0 : 4;
    });
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toMatch(/made-up/);
    expect(await readFile(join(out, 'report.runes'), 'utf8')).toBe('ᚱ after 0\n');
    const [page, markdown, csv] = await Promise.all(
      ['report.html', 'report.md', 'report.csv'].map((name) => readFile(join(out, name), 'utf8')),
    );
    for (const text of [page, markdown, csv]) expect(text).toContain('made-up-flow');
    expect(markdown).toContain('being there');
    const summary = summarise(await readRun(directory('after')));
    const scenario = summary.topologies.flatMap(({ scenarios }) => scenarios).find((each) => each.id === id);
    expect(scenario?.status === 'ok' && protectionLevel(scenario)).toBe(3);
    const listed = await caught((context) => listWorkloads(['made-*'], {}, context));
    expect(listed.out).toContain('Nothing flows from nowhere.');
  });

  it('are advised by their figures, for what they give', async () => {
    const advised = await caught((context) =>
      giveAdvice(
        { run: directory('after'), by: 'throughput', json: true, needs: ['encrypted', 'isolation'] },
        context,
      ),
    );
    const [advice] = JSON.parse(advised.out).advice;
    expect(advice.figure).toMatchObject({ workload: 'made-up-flow', metric: 'carried' });
    expect(advice.networks).toMatchObject([{ scenario: id, driver: 'made-up', givesUp: ['being there'] }]);
    expect(advice.networks[0].cost.estimate).toBeCloseTo(1 / 0.7 - 1);
    expect(advice.unmeasured).toEqual([]);
  });

  it('gate by the metric that they name', async () => {
    const judged = await caught((context) =>
      gate(directory('after'), { baseline: directory('before'), json: true }, context),
    );
    expect(judged.code).toBe(1);
    const { verdict, scenarios } = JSON.parse(judged.out) as JsonComparison;
    expect(verdict).toBe('regressed');
    const own = scenarios.find((each) => each.id === id)?.workloads.flatMap(({ metrics }) => metrics);
    expect(own?.map(({ name, change }) => [name, change?.verdict])).toContainEqual(['carried', 'regressed']);
    expect(own?.find(({ name }) => name === 'offered')?.change).toBeUndefined();
  });
});

/** Where one is named because it is that one which is meant: in runs that recorded no traits, and as a hint. */
const mayNameDriver = ['results/traits-of.ts', 'reports/answers.ts'];
/** Also what is chosen where nothing was asked for, the guide's claims, and a role of containers that is called alike. */
const mayNameWorkload = [
  'results/traits-of.ts',
  'bench/config/profiles.ts',
  'bench/config/sweep-kinds.ts',
  'results/claims-criteria.ts',
  'results/literature-statements.ts',
  'bench/pair/control-plane.ts',
];

it.each([
  ['driver', drivers, mayNameDriver],
  ['workload', workloads, mayNameWorkload],
] as const)('no %s is asked for by its id anywhere', async (kind, all, mayName) => {
  const root = resolve(import.meta.dirname, '../..');
  const ids = all.map(({ id }) => id).filter((each) => /^[a-z0-9]+(-[a-z0-9]+)+$/.test(each));
  const question = new RegExp(
    `\\b${kind}(\\.id)? [!=]== ['"\`]|\\b${kind}\\.(startsWith|includes|endsWith)\\(|['"\`](${ids.join('|')})['"\`]`,
  );
  const own = kind === 'workload' ? /^bench\/(studies|claims|workloads)\// : /^bench\/(studies|claims)\//;
  const asking: string[] = [];
  for (const folder of ['bench', 'reports', 'results']) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      const path = join(folder, file);
      // Studies and the guide's claims are about networks that they name.
      if (!path.endsWith('.ts') || own.test(path) || mayName.includes(path)) continue;
      const code = (await readFile(join(root, path), 'utf8')).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      if (question.test(code)) asking.push(path);
    }
  }
  expect(asking).toEqual([]);
});
