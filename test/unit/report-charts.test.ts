import { describe, expect, it } from 'vitest';
import { overheadConfig } from '../../reports/charts/overhead-config.ts';
import { lightTheme } from '../../reports/charts/theme.ts';

const canvas = await import('canvas').catch(() => undefined);

describe('the forest plot', () => {
  it.for(['+42 % [38, 50]', '+22 % [−23, 92] at 50 %', '+1,633 % [−23, 12,345] at 87.5 %', '583 Mbit/s'])(
    'leaves room for %s at the right',
    (text, { skip }) => {
      if (!canvas) return skip('node-canvas is not installed');
      const context = canvas.createCanvas(1, 1).getContext('2d');
      context.font = `bold 12px ${lightTheme.font}`;
      const row = { name: 'x', mark: '✓', standing: 'costlier', text, shortText: text, dots: [] } as const;
      const spec = { kind: 'overhead', title: '', unit: 'bit/s', baseline: 'host', rows: [row] } as const;
      const { options } = overheadConfig(spec, { theme: lightTheme, isNarrow: false });
      const padding = options?.layout?.padding as { right: number } | undefined;
      expect(padding?.right).toBeGreaterThan(context.measureText(text).width + 12);
    },
  );
});
