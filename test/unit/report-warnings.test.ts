import { expect, it } from 'vitest';
import { otherWarnings } from '../../reports/ranking.ts';
import type { RunSummary } from '../../results/summary.ts';
import type { SummaryWarning } from '../../results/warnings.ts';

const grouped = (...warnings: SummaryWarning[]) => otherWarnings({ warnings } as unknown as RunSummary);
const busy = (workload: string, variant: string): SummaryWarning => ({
  code: 'generator-bound',
  variant,
  scenario: 'same-host/bridge',
  workload,
  text: `${variant} of ${workload} was busy`,
});

it('makes one of warnings that tell the same of other subjects, whatever numbers they hold', () => {
  const gain = (workload: string, least: string): SummaryWarning => ({
    ...{ code: 'beats-baseline', scenario: 'same-host/bridge', workload, metric: 'goodput' },
    text: `${workload} gains ${least}`,
  });
  expect(grouped(gain('tcp-stream', '4 %'), gain('tcp-rr', '9.4 %'))).toEqual([
    { text: 'tcp-stream gains 4 %', alike: ['same-host/bridge tcp-rr goodput'] },
  ]);
});

it('keeps those apart that say different things, and those about no subject', () => {
  expect(grouped(busy('a', 'client'), busy('b', 'server'), busy('c', 'client'))).toEqual([
    { text: 'client of a was busy', alike: ['same-host/bridge c'] },
    { text: 'server of b was busy', alike: [] },
  ]);
  expect(grouped({ code: 'noted', text: 'one' }, { code: 'noted', text: 'two' })).toHaveLength(2);
});

it('goes by no words: a subject’s name within them, or the same words of another kind, change nothing', () => {
  const text = 'trials of 1 trial';
  const alike: SummaryWarning[] = [
    { code: 'no-ratio', scenario: 'trial', workload: '1', metric: 'trials', text },
    { code: 'steal', scenario: 'trial', workload: '1', metric: 'trials', text },
  ];
  expect(grouped(...alike)).toHaveLength(2);
});
