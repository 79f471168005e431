import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../bench/studies/synthetic/run.ts';
import { distributionConfig } from '../../reports/charts/distribution-config.ts';
import { distributionSpec } from '../../reports/charts/distribution-spec.ts';
import { overheadConfig } from '../../reports/charts/overhead-config.ts';
import { lightTheme } from '../../reports/charts/theme.ts';
import { metricViews } from '../../reports/charts/views.ts';
import { summarise } from '../../results/summarise.ts';

const canvas = await import('canvas').catch(() => undefined);

describe('the forest plot', () => {
  it.for(['−31 % [−35, −27]', '+22 % [−23, 92] at 50 %', '+1,633 % [−23, 12,345] at 87.5 %', 'baseline'])(
    'leaves room for %s at the right',
    (text, { skip }) => {
      if (!canvas) return skip('node-canvas is not installed');
      const context = canvas.createCanvas(1, 1).getContext('2d');
      context.font = `bold 12px ${lightTheme.font}`;
      const row = { name: 'x', mark: '✓', standing: 'worse', text, shortText: text, dots: [] } as const;
      const [figure, word] = ['9.10 Gbit/s', 'no difference shown'];
      const rows = [{ ...row, figure, word }];
      const spec = { kind: 'overhead', title: '', unit: 'bit/s', baseline: 'host', rows } as const;
      const { options } = overheadConfig(spec, { theme: lightTheme, isNarrow: false });
      const padding = options?.layout?.padding as { right: number } | undefined;
      expect(padding?.right).toBeGreaterThan(context.measureText(figure + text + word).width + 36);
    },
  );
});

describe('tails', () => {
  it('come from the open loop alone: without it there is no button, and the profile that has it is named', () => {
    const closed = metricViews(
      summarise(syntheticRun({ blocks: 4, workloads: ['tcp-stream', 'tcp-rr', 'rtt'] })),
    );
    expect(closed.views.some(({ label }) => label === 'RTT p99')).toBe(false);
    expect(closed.missing).not.toContain('RTT p99');
    expect(closed.unanswered.join()).toContain('--profile publish');
  });

  it('are drawn by percentile, each nine as wide as the one before, and only as far as ten samples support', () => {
    const summary = summarise(syntheticRun({ blocks: 4, workloads: ['rtt'] }));
    const scenarios = summary.topologies[0]?.scenarios.filter((each) => each.status !== 'unsupported') ?? [];
    const spec = distributionSpec(scenarios, 'rtt', 'latency', () => 0);
    for (const { points } of spec?.lines ?? []) {
      const last = points.at(-1)?.[1] ?? 1;
      expect(last).toBeLessThan(1);
      expect(last).toBeLessThanOrEqual(spec?.toShare ?? 0);
    }
    const config = spec && distributionConfig(spec, { theme: lightTheme, isNarrow: false });
    const axis = config?.options?.scales?.x;
    expect(axis?.type).toBe('logarithmic');
    const [first] = config?.data.datasets ?? [];
    const xs = ((first?.data ?? []) as unknown as { x: number }[]).map(({ x }) => x);
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...xs)).toBeCloseTo(1 / (1 - (spec?.lines[0]?.points.at(-1)?.[1] ?? 0)));
    const ticks = axis?.ticks as { callback?: (value: number) => string } | undefined;
    expect([1, 2, 100, 10_000].map((value) => ticks?.callback?.(value))).toEqual([
      '0\u00a0%',
      '50\u00a0%',
      '99\u00a0%',
      '99.99\u00a0%',
    ]);
  });
});
