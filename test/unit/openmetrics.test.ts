import { describe, expect, it } from 'vitest';
import { renderOpenMetrics } from '../../reports/openmetrics.ts';
import { summarise } from '../../results/summarise.ts';
import { gateRun } from '../fixtures/gate-runs.ts';

const text = renderOpenMetrics(
  summarise(gateRun({ id: 'a', seed: 1, run: { label: 'say "hi" \\ there\n' } }), []),
);
const samples = text.split('\n').filter((row) => row !== '' && !row.startsWith('#'));

describe('OpenMetrics', () => {
  it('ends as the format demands and names the unit at the end of each name', () => {
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    for (const [, name, unit] of text.matchAll(/^# UNIT (\S+) (\S+)$/gm))
      expect(name?.endsWith(`_${unit}`)).toBe(true);
    expect(text).toContain('# UNIT tare_trial_median_bytes_per_second bytes_per_second');
  });

  it('keeps the samples of a family together, under one head, and gives no label set twice', () => {
    const families = samples.map((row) => row.split(/[{ ]/)[0] as string);
    const stretches = families.filter((name, index) => name !== families[index - 1]);
    expect(new Set(stretches).size).toBe(stretches.length);
    const series = samples.map((row) => row.slice(0, row.lastIndexOf(' ')));
    expect(new Set(series).size).toBe(series.length);
    expect([...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map((match) => match[1])).toEqual(stretches);
  });

  it('gives the figures of the summary as they are, and nothing for what is absent', () => {
    const summary = summarise(gateRun({ id: 'a', seed: 1 }), []);
    const bridge = summary.topologies[0]?.scenarios.find(({ id }) => id === 'same-host/bridge');
    if (!bridge || bridge.status === 'unsupported') throw new Error('no bridge');
    const [metric] = bridge.workloads[0]?.metrics ?? [];
    const labels = `{topology="same-host",scenario="same-host/bridge",workload="tcp-stream",metric="goodput"}`;
    const rows = renderOpenMetrics(summary).split('\n');
    expect(rows).toContain(`tare_trial_median_bytes_per_second${labels} ${(metric?.median as number) / 8}`);
    expect(rows).toContain(`tare_overhead_ratio${labels} ${metric?.overhead?.estimate}`);
    const host = rows.filter((row) => row.includes('same-host/host') && row.startsWith('tare_overhead'));
    expect(host).toEqual([]);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('escapes what a label holds', () => {
    expect(text).toContain('label="say \\"hi\\" \\\\ there "');
  });
});
