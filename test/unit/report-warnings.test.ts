import { expect, it } from 'vitest';
import { otherWarnings } from '../../reports/ranking.ts';
import type { RunSummary } from '../../results/summary.ts';
import { warningText } from '../../results/warning-text.ts';
import type { SummaryWarning } from '../../results/warnings.ts';

const grouped = (...warnings: SummaryWarning[]) => otherWarnings({ warnings } as unknown as RunSummary);
const scenario = 'same-host/bridge';
const busy = (workload: string, end: 'client' | 'server'): SummaryWarning => ({
  code: 'generator-bound',
  subject: { scenario, workload },
  ends: [end],
});

it('makes one of warnings that tell the same of other subjects, whatever numbers they hold', () => {
  const gain = (workload: string, leastShare: number): SummaryWarning => ({
    code: 'beats-baseline',
    subject: { scenario, workload, metric: 'goodput' },
    leastShare,
    mostShare: 1,
  });
  const first = gain('tcp-stream', 0.04);
  expect(grouped(first, gain('tcp-rr', 0.094))).toEqual([
    { text: warningText(first), alike: ['same-host/bridge tcp-rr goodput'] },
  ]);
});

it('keeps those apart that say different things, and those about no subject', () => {
  expect(
    grouped(busy('a', 'client'), busy('b', 'server'), busy('c', 'client')).map(({ alike }) => alike),
  ).toEqual([['same-host/bridge c'], []]);
  expect(grouped({ code: 'said', text: 'one' }, { code: 'said', text: 'two' })).toHaveLength(2);
});

it('goes by no words: a subject’s name within them changes nothing', () => {
  const subject = { scenario: 'trial', workload: '1', metric: 'trials' };
  const alike: SummaryWarning[] = [
    { code: 'no-ratio', subject, trials: 1 },
    { code: 'rate-against-rtt', subject, product: 1 },
    { code: 'rate-against-rtt', subject: { ...subject, workload: '2' }, product: 2, foreignShare: 0.5 },
  ];
  expect(grouped(...alike)).toHaveLength(3);
});
