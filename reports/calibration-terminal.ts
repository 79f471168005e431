import type { MetricCalibration, Recommendation } from '../results/calibration.ts';
import { formatFloor } from './format.ts';
import { labelled, printLines, type Span, span, type TerminalOptions } from './terminal-lines.ts';
import { pad, plainText, wrap } from './text.ts';

/** What the gate can see on this machine, by number of blocks, and the plan that follows from it, for a terminal. */
export function renderCalibrationTerminal(
  run: string,
  metrics: readonly MetricCalibration[],
  recommendation: Recommendation,
  warnings: readonly string[],
  options: TerminalOptions,
): string {
  const columns = Math.max(20, Math.floor(options.columns));
  const lines: Span[][] = labelled('A/A run', plainText(run), columns, 'bold');
  for (const text of warnings) lines.push(...labelled('warning', plainText(text), columns, 'yellow'));
  for (const metric of metrics) lines.push([], ...figureLines(metric));
  const greatest = Math.max(...recommendation.deltas.map(({ delta }) => delta));
  lines.push(
    [],
    ...labelled(
      'plan',
      `${recommendation.blocks} blocks, and delta ${formatFloor(greatest)}${
        recommendation.deltas.some(({ delta }) => delta < greatest) ? ' for the noisiest figure' : ''
      }`,
      columns,
      'bold',
    ),
  );
  for (const { scenario, workload, metric, delta } of recommendation.deltas) {
    lines.push(
      ...labelled(
        '',
        plainText(`${formatFloor(delta)}  ${metric} of ${workload} on ${scenario}`),
        columns,
        'dim',
      ),
    );
  }
  lines.push([]);
  for (const line of wrap(legend, columns)) lines.push([span(line, 'dim')]);
  return printLines(lines, { columns, colour: options.colour });
}

const legend =
  'Sees: the smallest change that a gate run of so many blocks calls in 80 % of cases. Passes at: the smallest delta at ' +
  'which an unchanged figure passes in 95 % of cases; a smaller delta ends inconclusive. Both from a bootstrap of the ' +
  'A/A run.';

function figureLines({ scenario, workload, metric, observed, byBlocks }: MetricCalibration): Span[][] {
  const cell = (text: string) => pad(text, 9, 'right');
  const figure = (value: number | undefined) => cell(value === undefined ? '–' : formatFloor(value));
  return [
    [
      span(plainText(`${workload} ${metric}`), 'bold'),
      span(plainText(` · ${scenario}`)),
      span(` · from ${observed} ${observed === 1 ? 'block' : 'blocks'}`, 'dim'),
    ],
    [
      span(`  ${pad('blocks', 10)}`, 'dim'),
      span(byBlocks.map(({ blocks }) => cell(String(blocks))).join(''), 'dim'),
    ],
    [span(`  ${pad('sees', 10)}`), span(byBlocks.map(({ detectable }) => figure(detectable)).join(''))],
    [
      span(`  ${pad('passes at', 10)}`),
      span(byBlocks.map(({ passableDelta }) => figure(passableDelta)).join('')),
    ],
  ];
}
