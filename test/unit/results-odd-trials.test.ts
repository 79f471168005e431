import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { headerLines } from '../../reports/prose.ts';
import { rankAll } from '../../reports/ranking.ts';
import type { OkTrial, RunRecord, Trial } from '../../results/schema.ts';
import { summarise } from '../../results/summarise.ts';
import { warningText } from '../../results/warning-text.ts';

const scenarios = ['same-host/host', 'same-host/bridge', 'same-host/macvlan', 'same-host/overlay'];

/** A run in which trials that are picked are so many times as fast, and changed besides. */
function run(
  isPicked: (trial: OkTrial, index: number) => boolean,
  factor: number,
  change: (trial: OkTrial, picked: boolean) => Partial<OkTrial> = () => ({}),
): RunRecord {
  const record = syntheticRun({ blocks: 6, workloads: ['tcp-stream'], scenarios, unsupported: [] });
  const counts = new Map<string, number>();
  const trials = record.trials.map((trial): Trial => {
    if (trial.status !== 'ok' || trial.block < 0) return trial;
    const index = counts.get(trial.scenario) ?? 0;
    counts.set(trial.scenario, index + 1);
    const picked = isPicked(trial, index);
    const metrics = trial.metrics.map((metric) =>
      metric.name === 'goodput' && picked ? { ...metric, value: metric.value * factor } : metric,
    );
    return { ...trial, metrics, ...change(trial, picked) };
  });
  return { ...record, trials };
}

const host = ({ scenario }: OkTrial) => scenario === 'same-host/host';
const found = (record: RunRecord, code: string) =>
  summarise(record).warnings.filter((warning) => warning.code === code);
const placed = (togetherShare: number) => ({
  placement: {
    looks: 20,
    togetherShare,
    serverPerCore: [1],
    clientPerCore: [togetherShare, 1 - togetherShare],
  },
});

describe('a baseline with two modes', () => {
  const bimodal = run(
    (trial, index) => host(trial) && index % 9 < 2,
    0.48,
    (_, picked) => placed(picked ? 0.05 : 0.95),
  );

  it('is said on the first screen, with what is likely to be behind it', () => {
    const summary = summarise(bimodal);
    const [warning, ...others] = found(bimodal, 'two-modes');
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ ofBaseline: true, cause: { what: 'placement' } });
    const first = headerLines(summary, rankAll(summary))
      .map(({ text }) => text)
      .join('\n');
    expect(first).toMatch(/tcp-stream on same-host\/host, the baseline, has two modes: \d+ of \d+ trials/);
    expect(first).toMatch(/on one core 5 % of the time in these, 95 % in the others/);
  });

  it('blames nothing that is alike in both', () => {
    const alike = run(
      (trial, index) => host(trial) && index % 9 < 2,
      0.48,
      () => placed(0.9),
    );
    const [warning] = found(alike, 'two-modes');
    expect(warning).toBeDefined();
    expect(warning).not.toHaveProperty('cause');
    expect(warning && warningText(warning)).toContain('nothing that is recorded of them tells why');
  });

  it('is not seen where there is one', () => {
    expect(
      found(
        run(() => false, 1),
        'two-modes',
      ),
    ).toEqual([]);
  });
});

describe('outliers', () => {
  it('are counted, with other programs where they took CPU in those trials alone', () => {
    const isBad = ({ scenario, block }: OkTrial) => scenario === 'same-host/bridge' && block === 3;
    const longer = syntheticRun({ blocks: 12, workloads: ['tcp-stream'], scenarios, unsupported: [] });
    const trials = longer.trials.map((trial): Trial => {
      if (trial.status !== 'ok') return trial;
      const share = isBad(trial) ? 0.4 : 0.01;
      const machine = trial.cpu[0]?.machine ?? 'm';
      return {
        ...trial,
        metrics: trial.metrics.map((each) => (isBad(trial) ? { ...each, value: each.value / 6 } : each)),
        foreignCpu: [{ machine, share, cpuSeconds: share, top: [] }],
      };
    });
    const [warning, ...others] = found({ ...longer, trials }, 'outliers');
    expect(others).toEqual([]);
    expect(warning).toMatchObject({
      subject: { scenario: 'same-host/bridge', workload: 'tcp-stream', metric: 'goodput' },
      trials: 1,
      of: 12,
      cause: { what: 'foreign-load' },
    });
    expect(warning && warningText(warning)).toMatch(
      /1 trial of 12 of tcp-stream on same-host\/bridge lies far .* other programs, which took 40 % of the CPU/,
    );
  });
});
