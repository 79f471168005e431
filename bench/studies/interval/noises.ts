import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Noise } from '../../../results/statistics/random.ts';

/** The logarithms of a scenario's trial and of the baseline's before and after it, where nothing differs. */
export type Triple = readonly [trial: number, before: number, after: number];

/** What disturbs trials: draws neighbours of one configuration. */
export interface Disturbance {
  readonly name: string;
  readonly draw: (source: Noise) => Triple;
}

const hostTrialsSchema = z.object({
  goodputBitsPerSecond: z.array(z.array(z.number().positive())),
  transactionsPerSecond: z.array(z.array(z.number().positive())),
});

/** All host trials of the sample run in docs/sample, by block and in order, as logarithms. */
const recorded = hostTrialsSchema.parse(
  JSON.parse(readFileSync(fileURLToPath(new URL('host-trials.json', import.meta.url)), 'utf8')),
);
const goodput = recorded.goodputBitsPerSecond.map((block) => block.map(Math.log));
const transactions = recorded.transactionsPerSecond.map((block) => block.map(Math.log));

const allGoodput = goodput.flat();
const allTransactions = transactions.flat();

const pick = <T>(items: readonly T[], source: Noise): T =>
  items[Math.floor(source.uniform() * items.length)] as T;

/** Three trials that know nothing of one another. */
const independent =
  (one: (source: Noise) => number): Disturbance['draw'] =>
  (source) => [one(source), one(source), one(source)];

/** Three trials that were measured one after another. */
const inOrder =
  (blocks: readonly (readonly number[])[]): Disturbance['draw'] =>
  (source) => {
    const block = pick(blocks, source);
    const at = 1 + Math.floor(source.uniform() * (block.length - 2));
    return [block[at] as number, block[at - 1] as number, block[at + 1] as number];
  };

/** As seen once on a shared machine: 22 % of the trials at 11 instead of 23 Gbit/s. */
const slowMode = { share: 0.22, log: Math.log(11 / 23) };
/** So often does a stretch in the slow mode end, and so often must one begin for the share to be that. */
const ends = 0.25;
const begins = (ends * slowMode.share) / (1 - slowMode.share);

const stretches: Disturbance['draw'] = (source) => {
  let isSlow = source.uniform() < slowMode.share;
  const next = () => {
    const value = (isSlow ? slowMode.log : 0) + 0.03 * source.normal();
    if (source.uniform() < (isSlow ? ends : begins)) isSlow = !isSlow;
    return value;
  };
  const [before, trial, after] = [next(), next(), next()];
  return [trial, before, after];
};

/** Each says how the logarithm of a rate goes down or up; standard deviations of a few percent, as seen on real machines. */
export const disturbances: readonly Disturbance[] = [
  { name: 'normal, 5 %', draw: independent((source) => 0.05 * source.normal()) },
  { name: 'heavy tails (t₃), 5 %', draw: independent((source) => 0.05 * source.heavy()) },
  { name: 'exponential slowdowns', draw: independent((source) => 0.08 * Math.log(source.uniform())) },
  { name: 'lognormal slowdowns', draw: independent((source) => -0.05 * Math.exp(source.normal())) },
  {
    name: 'lognormal slowdowns, very skewed',
    draw: independent((source) => -0.03 * Math.exp(1.5 * source.normal())),
  },
  {
    name: 'two modes, 22 % slow',
    draw: independent(
      (source) => (source.uniform() < slowMode.share ? slowMode.log : 0) + 0.03 * source.normal(),
    ),
  },
  { name: 'two modes, in stretches', draw: stretches },
  { name: 'sample’s host trials, goodput', draw: independent((source) => pick(allGoodput, source)) },
  {
    name: 'sample’s host trials, transactions',
    draw: independent((source) => pick(allTransactions, source)),
  },
  { name: 'the same in order, goodput', draw: inOrder(goodput) },
  { name: 'the same in order, transactions', draw: inOrder(transactions) },
];
