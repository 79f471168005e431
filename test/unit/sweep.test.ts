import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../bench/config/config.ts';
import { makePlan, makeWish } from '../../bench/plan/make-plan.ts';
import { sweepValues } from '../../bench/plan/parameter-sweep.ts';
import { planTrials } from '../../bench/plan/plan.ts';
import { workloadById } from '../../bench/workloads/registry.ts';
import { iperf3Argv } from '../../bench/workloads/tools/iperf3.ts';
import { Failure } from '../../results/failure.ts';
import { testPair } from './workload-pair.ts';

function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const ready = () => ({ type: 'ready' }) as const;

describe('a sweep', () => {
  it('of sizes is a workload for each, in chains of their own with the baseline on both sides', () => {
    const config = resolveConfig({ sweep: 'size', scenarios: ['same-host/bridge'], blocks: 2 });
    const plan = makePlan(makeWish(config), config, ready, 1);
    expect(plan.workloads.map(({ id }) => id)).toEqual(
      sweepValues.size.map((bytes) => `tcp-stream@size=${bytes}`),
    );
    const trials = planTrials(plan).filter(({ block }) => block >= 0);
    expect(trials).toHaveLength(2 * sweepValues.size.length * 3);
    for (const [index, trial] of trials.entries()) {
      if (trial.scenario === 'same-host/host') continue;
      for (const beside of [trials[index - 1], trials[index + 1]])
        expect(beside).toMatchObject({ scenario: 'same-host/host', workload: trial.workload });
    }
  });

  it('of MTUs is a scenario for each network and point, other options kept, without networks that take none', () => {
    const wish = makeWish(
      resolveConfig({ sweep: 'mtu', scenarios: ['same-host/macvlan', 'same-host/bridge@internal'] }),
    );
    expect(wish.scenarios.map(({ id }) => id)).toEqual([
      'same-host/host',
      ...sweepValues.mtu.map((mtu) => `same-host/bridge@internal,mtu=${mtu}`),
    ]);
    expect(wish.workloads.map(({ id }) => id)).toEqual(['tcp-stream']);
    expect(wish.baselines).toEqual({ 'same-host': 'same-host/host' });
  });

  it('reaches every variant through its id again, so that a record can be resumed', () => {
    for (const setting of ['size', 'streams'] as const) {
      for (const value of sweepValues[setting]) {
        const id = `tcp-stream@${setting}=${value}`;
        expect(workloadById(id)?.id).toBe(id);
      }
    }
    const beyond = [
      'tcp-stream@size=0',
      'tcp-stream@size=9999999',
      'tcp-stream@mtu=9',
      'dns@size=64',
      'x@size=1',
    ];
    for (const id of beyond) expect(workloadById(id)).toBeUndefined();
  });

  it('lets single variants be named as workloads', () => {
    const { workloads } = makeWish(
      resolveConfig({ scenarios: ['same-host/bridge'], workloads: ['tcp-stream@streams=3', 'tcp-rr'] }),
    );
    expect(workloads.map(({ id }) => id)).toEqual(['tcp-rr', 'tcp-stream@streams=3']);
  });

  it('tells iperf3 the size of its messages', () => {
    const argv = iperf3Argv(
      testPair,
      { streams: 1, direction: 'forward', messageBytes: 64 },
      { durationSeconds: 1, omitSeconds: 0 },
    );
    expect(argv.join(' ')).toContain(' -l 64');
  });

  it.each([
    [{ sweep: 'size' as const, workloads: ['tcp-rr'] }, /tcp-rr can't be swept by size/],
    [{ sweep: 'mtu' as const, scenarios: ['same-host/macvlan'] }, /macvlan takes no MTU to sweep/],
    [{ sweep: 'mtu' as const, scenarios: ['same-host/host'] }, /baseline alone/],
  ])('of what can’t be swept is a usage error: %j', (config, message) => {
    const failure = failureOf(() => makeWish(resolveConfig(config)));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toMatch(message);
  });
});

describe('bad input to --sweep', () => {
  const root = resolve(import.meta.dirname, '../..');
  it.each([
    [['--sweep', 'colour'], /colour/],
    [['--sweep', 'size', '--workload', 'dns'], /dns can't be swept by size/],
  ])('%j gets one line and exit code 2', async (words, says) => {
    const argv = ['--import', import.meta.resolve('tsx'), join(root, 'bench/cli/cli.ts'), 'run', ...words];
    const { exitCode, stdout, stderr } = await execa('node', argv, { reject: false });
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(says);
  });
});
