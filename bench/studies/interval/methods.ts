import { clusteredLocation } from '../../../results/statistics/clustered-signed-rank.ts';
import { hodgesLehmann, type Interval } from '../../../results/statistics/hodges-lehmann.ts';
import { median } from '../../../results/statistics/order.ts';
import type { Noise } from '../../../results/statistics/random.ts';
import type { Triple } from './noises.ts';

/** A way to make an estimate and an interval of the comparisons of a run. */
export interface Method {
  readonly name: string;
  /** True where it takes long, and fewer runs must do. */
  readonly isSlow?: boolean;
  readonly locate: (
    triples: readonly Triple[],
    source: Noise,
  ) => { readonly estimate: number; readonly interval: Interval };
}

const confidence = 0.95;
const side = (1 - confidence) / 2;
const resamples = 499;

/** The trial against the mean of its neighbours' logarithms. */
const againstBoth = ([trial, before, after]: Triple) => trial - (before + after) / 2;
/** The trial against one of them, whichever a coin says. */
const againstOne = ([trial, before, after]: Triple, source: Noise) =>
  trial - (source.uniform() < 0.5 ? before : after);

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, each) => sum + (each - centre) ** 2, 0) / (values.length - 1));
};
const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor(share * (sorted.length + 1)) - 1))] as number;

const signedRank = (values: readonly number[]) => {
  const { estimate, interval } = hodgesLehmann(values);
  return { estimate, interval: interval as Interval };
};

/** Order statistics about the median, by the binomial distribution (David & Nagaraja 2003, 7.1). */
function signInterval(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let [k, term, tail] = [0, 2 ** -n, 2 ** -n];
  while (tail + (term * (n - k)) / (k + 1) <= side) {
    term = (term * (n - k)) / (k + 1);
    k += 1;
    tail += term;
  }
  const interval = { low: sorted[k] as number, high: sorted[n - 1 - k] as number, confidence: 1 - 2 * tail };
  return { estimate: median(values), interval };
}

/** 0.975 quantiles of Student's t by degrees of freedom, for the numbers of comparisons that are studied. */
const student: Readonly<Record<number, number>> = {
  1: 12.706,
  3: 3.182,
  5: 2.571,
  7: 2.365,
  11: 2.201,
  17: 2.11,
  29: 2.045,
};

/** A fifth off either end, the variance by the winsorised values (Tukey & McLaughlin 1963). */
function trimmed(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const cut = Math.floor(n / 5);
  const kept = sorted.slice(cut, n - cut);
  const winsorised = sorted.map((each) =>
    Math.min(Math.max(each, sorted[cut] as number), sorted[n - 1 - cut] as number),
  );
  const error = deviation(winsorised) / ((1 - (2 * cut) / n) * Math.sqrt(n));
  const half = (student[kept.length - 1] as number) * error;
  return { estimate: mean(kept), interval: { low: mean(kept) - half, high: mean(kept) + half, confidence } };
}

/** Of the mean, each resample in units of its own standard error (Efron & Tibshirani 1993, 12.5). */
function studentisedBootstrap(values: readonly number[], source: Noise) {
  const n = values.length;
  const [centre, error] = [mean(values), deviation(values) / Math.sqrt(n)];
  const pulls: number[] = [];
  while (pulls.length < resamples) {
    const again = values.map(() => values[Math.floor(source.uniform() * n)] as number);
    const own = deviation(again) / Math.sqrt(n);
    // A resample of one value over and over says nothing of its error.
    pulls.push(own > 0 ? (mean(again) - centre) / own : 0);
  }
  pulls.sort((a, b) => a - b);
  const [least, most] = [quantile(pulls, side), quantile(pulls, 1 - side)];
  return {
    estimate: centre,
    interval: { low: centre - most * error, high: centre - least * error, confidence },
  };
}

/** The median of all the scenario's trials against that of all the baseline's, blocks resampled. */
function mediansOfTrials(triples: readonly Triple[], source: Noise) {
  const shift = (of: readonly Triple[]) =>
    median(of.map(([trial]) => trial)) - median(of.flatMap(([, before, after]) => [before, after]));
  const shifts = Array.from({ length: resamples }, () =>
    shift(triples.map(() => triples[Math.floor(source.uniform() * triples.length)] as Triple)),
  ).sort((a, b) => a - b);
  return {
    estimate: shift(triples),
    interval: { low: quantile(shifts, side), high: quantile(shifts, 1 - side), confidence },
  };
}

export const methods: readonly Method[] = [
  {
    name: 'both neighbours’ log mean, signed ranks',
    locate: (triples) => signedRank(triples.map(againstBoth)),
  },
  {
    name: 'both neighbours’ log mean, sign interval',
    locate: (triples) => signInterval(triples.map(againstBoth)),
  },
  { name: 'both neighbours’ log mean, trimmed', locate: (triples) => trimmed(triples.map(againstBoth)) },
  {
    name: 'both neighbours’ log mean, studentised bootstrap',
    isSlow: true,
    locate: (triples, source) => studentisedBootstrap(triples.map(againstBoth), source),
  },
  { name: 'medians of trials, bootstrap', isSlow: true, locate: mediansOfTrials },
  {
    name: 'one neighbour by coin, signed ranks',
    locate: (triples, source) => signedRank(triples.map((each) => againstOne(each, source))),
  },
  {
    name: 'one neighbour by coin, sign interval',
    locate: (triples, source) => signInterval(triples.map((each) => againstOne(each, source))),
  },
  {
    name: 'each neighbour by itself, signed ranks by clusters',
    locate: (triples) => {
      const { estimate, interval } = clusteredLocation(
        triples.map(([trial, before, after]) => [trial - before, trial - after]),
      );
      return { estimate, interval: interval as Interval };
    },
  },
];
