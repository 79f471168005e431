/**
 * What a way of placing trials makes of noise, worked out on a series of trials of one unchanged configuration: any two
 * of them may play "baseline" and "scenario", and whatever differs between them is error.
 */
export interface Design {
  readonly name: string;
  /** Trials that one comparison costs where five scenarios share a block. */
  readonly trialsPerComparison: number;
  /** The errors (log ratios whose truth is 0) of comparisons made one after another along the series. */
  readonly errors: (logs: readonly number[]) => number[];
}

const at = (logs: readonly number[], index: number) => logs[index] as number;

/** The scenario between two trials of the baseline: B S B S B … */
function bracketed(logs: readonly number[]): number[] {
  const errors: number[] = [];
  for (let i = 1; i + 1 < logs.length; i += 2) {
    errors.push(at(logs, i) - (at(logs, i - 1) + at(logs, i + 1)) / 2);
  }
  return errors;
}

function neighbours(logs: readonly number[]): number[] {
  const errors: number[] = [];
  for (let i = 0; i + 1 < logs.length; i += 2) errors.push(at(logs, i + 1) - at(logs, i));
  return errors;
}

function abba(logs: readonly number[]): number[] {
  const errors: number[] = [];
  for (let i = 0; i + 3 < logs.length; i += 4) {
    errors.push((at(logs, i + 1) + at(logs, i + 2) - at(logs, i) - at(logs, i + 3)) / 2);
  }
  return errors;
}

/** One baseline and five scenarios in an order drawn anew for each block; the places follow a fixed cycle of draws. */
function shuffledSix(logs: readonly number[]): number[] {
  const errors: number[] = [];
  for (let start = 0, block = 0; start + 5 < logs.length; start += 6, block++) {
    const baseline = (block * 5 + 2) % 6;
    // One scenario is followed from block to block; its place moves with another stride than the baseline's.
    const scenario = (baseline + 1 + ((block * 3) % 5)) % 6;
    errors.push(at(logs, start + scenario) - at(logs, start + baseline));
  }
  return errors;
}

export const designs: readonly Design[] = [
  { name: 'shuffled block of six', trialsPerComparison: 6 / 5, errors: shuffledSix },
  { name: 'neighbours A B', trialsPerComparison: 2, errors: neighbours },
  { name: 'ABBA', trialsPerComparison: 4, errors: abba },
  { name: 'bracketed chain B S B S B', trialsPerComparison: 11 / 5, errors: bracketed },
];

export interface Precision {
  readonly design: string;
  readonly comparisons: number;
  /** Standard deviation of one comparison's log ratio. */
  readonly errorSd: number;
  /** Standard error of a scenario's overhead after one minute spent on it; absent for too few comparisons. */
  readonly standardErrorPerMinute: number | undefined;
}

/** Fewer comparisons say nothing of how one goes with the next. */
const leastComparisons = 12;

/** A series is cut into comparisons from each of its first trials on, which averages out where a block happens to begin. */
const beginnings = 12;

/**
 * The standard error after one minute of each design. Neighbouring comparisons of a chain share a trial, so the
 * variance of the mean is (γ₀ + 2γ₁)/m, with the first autocovariance γ₁ (Bartlett 1946).
 * @param values of one metric, in the order in which they were measured; all above 0
 * @param secondsPerTrial wall seconds from the start of one trial to the start of the next
 */
export function precisionOf(values: readonly number[], secondsPerTrial: number): Precision[] {
  const logs = values.map(Math.log);
  return designs.map(({ name, trialsPerComparison, errors }) => {
    const cuts = Array.from({ length: beginnings }, (_, first) => errors(logs.slice(first)));
    const comparisons = cuts[0]?.length ?? 0;
    const perMinute = 60 / (trialsPerComparison * secondsPerTrial);
    const mean = (lag: number) => {
      const found = cuts.filter((cut) => cut.length > lag).map((cut) => autocovariance(cut, lag));
      return found.reduce((sum, each) => sum + each, 0) / found.length;
    };
    const ofMean = Math.max(0, mean(0) + 2 * mean(1));
    return {
      design: name,
      comparisons,
      errorSd: Math.sqrt(mean(0)),
      standardErrorPerMinute: comparisons < leastComparisons ? undefined : Math.sqrt(ofMean / perMinute),
    };
  });
}

// About a mean of 0, which is the truth: nothing differs.
function autocovariance(errors: readonly number[], lag: number): number {
  let sum = 0;
  for (let i = 0; i + lag < errors.length; i++) sum += at(errors, i) * at(errors, i + lag);
  return sum / errors.length;
}
