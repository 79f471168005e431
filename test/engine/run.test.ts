import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectScenarios } from '../../bench/config/selection.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { listRuns } from '../../results/run-lookup.ts';
import type { OkTrial } from '../../results/schema.ts';
import { readRun } from '../../results/stored-run.ts';
import { unsupportedText } from '../../results/unsupported-text.ts';
import { startTare, tare, untilMeasured, workFolder } from './rig.ts';

interface Output {
  run: string;
  scenarios: {
    id: string;
    status: string;
    reason?: string;
    workloads: {
      id: string;
      metrics: { name: string; unit: string; n: number; median: number; overhead?: object }[];
    }[];
  }[];
}

const scenarios = selectScenarios([]).map((scenario) => scenario.id);

let folder: string;
beforeAll(async () => {
  folder = await workFolder();
});
afterAll(async () => {
  await tare(['clean'], folder);
});

const trialsOf = async (runFolder: string) => (await readRun(join(folder, runFolder))).trials;

describe('tare run, the whole matrix', () => {
  let output: Output;

  beforeAll(async () => {
    const { exitCode, stdout, stderr } = await tare(
      ['run', '--blocks', '1', '--workload', 'tcp-stream', '--out', 'whole', '--json', '--seed', '1'],
      folder,
    );
    expect(exitCode, stderr).toBe(0);
    output = JSON.parse(stdout);
  });

  it('carries real traffic over every scenario that is ready, same-host and cross-host', async () => {
    const measured = output.scenarios.filter((scenario) => scenario.status !== 'unsupported');
    expect(measured.map((scenario) => scenario.id)).toEqual(
      expect.arrayContaining(['same-host/host', 'same-host/bridge', 'cross-host/host', 'cross-host/overlay']),
    );
    for (const scenario of measured) {
      expect(scenario, scenario.reason).toMatchObject({ status: 'ok' });
      expect(scenario.workloads.map((workload) => workload.id)).toEqual(['tcp-stream']);
      for (const workload of scenario.workloads) expect(workload.metrics[0]?.median).toBeGreaterThan(0);
    }
  });

  it('gives an overhead to all but the baseline', () => {
    for (const scenario of output.scenarios.filter((each) => each.status === 'ok')) {
      const main = scenario.workloads[0]?.metrics.find((metric) => metric.name === 'goodput');
      expect(main?.overhead !== undefined).toBe(!scenario.id.endsWith('/host'));
    }
  });

  it.for(scenarios)(
    '%s is proven in every trial, and its canary was seen to come back',
    async (id, { skip }) => {
      const { run, trials } = await readRun(join(folder, 'whole'));
      const planned = run.plan.scenarios.find((scenario) => scenario.id === id);
      if (planned?.status !== 'ready') {
        expect(planned?.reason.code).toMatch(/\w+/);
        return skip(planned && unsupportedText(planned.reason));
      }
      const own = trials.filter((trial) => trial.scenario === id);
      expect(own.length).toBeGreaterThanOrEqual(2);
      for (const trial of own) {
        if (trial.status === 'failed') throw new Error(`${trial.workload}: ${trialReasonText(trial.reason)}`);
        expect(trial.witness?.verdict, `${trial.workload}: ${trial.witness?.summary}`).toBe('proven');
        expect(trial.status).toBe('ok');
      }
      // This machine itself has no probe of an engine in it, so nothing is captured there.
      if (id !== 'same-host/bare') {
        expect(run.pairs.find((pair) => pair.scenario === id)?.canary?.returned).toBe(true);
      }
    },
  );

  it('records CPU of whole machines, one line a trial, in the planned order', async () => {
    const trials = await trialsOf('whole');
    expect(trials.map((trial) => trial.order)).toEqual(trials.map((_, index) => index));
    const ok = trials.filter((trial): trial is OkTrial => trial.status === 'ok');
    expect(ok.length).toBe(trials.length);
    for (const trial of ok) {
      expect(trial.cpu).toHaveLength(1);
      expect(trial.cpu[0]?.busyPerCore.length).toBeGreaterThan(0);
    }
  });

  it('runs one image at both ends, in recent versions, and records them', async () => {
    const { run } = await readRun(join(folder, 'whole'));
    expect(new Set(run.fingerprints.map((each) => each.imageId)).size).toBe(1);
    const [major, minor] = (run.fingerprints[0]?.facts['tool/iperf3'] ?? '').split(/[.-]/).map(Number);
    expect((major ?? 0) * 100 + (minor ?? 0)).toBeGreaterThanOrEqual(316);
    expect(run.state).toBe('finished');
  });

  it('writes the report beside the record', async () => {
    const markdown = await readFile(join(folder, 'whole', 'report', 'report.md'), 'utf8');
    expect(markdown).toContain('bridge');
    expect(await readFile(join(folder, 'whole', 'report', 'report.html'), 'utf8')).toContain('<html');
  });
});

describe('tare run, interrupted', () => {
  const cross = ['--scenario', 'cross-host/host', 'cross-host/overlay', '--workload', 'tcp-stream'];

  it('cleans up and keeps what it measured on Ctrl-C, and --resume finishes it', async () => {
    const child = startTare(['run', ...cross, '--blocks', '8', '--out', 'interrupted'], folder);
    await untilMeasured(child, join(folder, 'interrupted'));
    child.kill('SIGINT');
    expect((await child).exitCode).toBe(130);
    const before = await readRun(join(folder, 'interrupted'));
    expect(before.run.state).toBe('interrupted');
    expect(before.trials.length).toBeGreaterThan(0);
    expect(await leftovers()).toEqual([]);

    const { exitCode, stderr } = await tare(['run', '--resume', './interrupted'], folder);
    expect(exitCode, stderr).toBe(0);
    const after = await readRun(join(folder, 'interrupted'));
    expect(after.run.state).toBe('finished');
    expect(after.trials.slice(0, before.trials.length)).toEqual(before.trials);
    expect(after.trials.map((trial) => trial.order)).toEqual(after.trials.map((_, index) => index));
  });

  it('leaves nothing that `tare clean` does not remove after kill -9, and --resume finishes it', async () => {
    const child = startTare(['run', ...cross, '--blocks', '4', '--out', 'killed'], folder);
    await untilMeasured(child, join(folder, 'killed'));
    child.kill('SIGKILL');
    await child;
    expect((await leftovers()).length).toBeGreaterThan(0);

    expect((await tare(['clean'], folder)).exitCode).toBe(0);
    expect(await leftovers()).toEqual([]);

    const { exitCode, stderr } = await tare(['run', '--resume', './killed'], folder);
    expect(exitCode, stderr).toBe(0);
    expect((await readRun(join(folder, 'killed'))).run.state).toBe('finished');
  });
});

/** Engines, toolbox programs and proxies of this state folder that still run on this machine. */
async function leftovers(): Promise<string[]> {
  const { stdout } = await execa('ps', ['-eo', 'args']);
  const ours = process.env.TARE_STATE ?? '.local/state/tare';
  return stdout
    .split('\n')
    .filter((line) => line.includes(ours) && /dockerd|containerd|iperf3|netserver|sockperf/.test(line));
}

describe('tare run, bad input', () => {
  it.each([
    [['run', '--scenario', 'nonsense'], 2, /no scenario is called or matches "nonsense"/],
    [['run', '--workload', 'nonsense'], 2, /no workload is called or matches "nonsense"/],
    [['run', '--profile', 'fast'], 2, /Allowed choices are quick, standard, gate, publish/],
    [['run', '--blocks', 'many'], 2, /must be a number/],
    [['run', '--config', 'none.yaml'], 2, /none.yaml can't be read/],
    [['run', '--resume', 'nonsense'], 2, /nonsense/],
    [['run', '--engine', 'carrier-pigeon'], 2, /not an engine's address/],
    [['run', '--engine', 'unix:///nowhere.sock'], 4, /does not answer/],
    [['report', 'latest'], 2, /There is no run/],
    [['fly'], 2, /unknown command/],
  ])('%j ends with %i and one clear line', async (args, code, message) => {
    const empty = await workFolder();
    const { exitCode, stderr } = await tare(args, empty);
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await listRuns(join(empty, 'results', 'runs'))).runs).toEqual([]);
  });
});
