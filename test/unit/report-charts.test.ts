import { describe, expect, it } from 'vitest';
import { overheadConfig } from '../../reports/charts/overhead-config.ts';
import { lightTheme } from '../../reports/charts/theme.ts';

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
