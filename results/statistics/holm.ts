/**
 * Holm's step-down test of several hypotheses at one family-wise error rate. Holm 1979, Scandinavian Journal of
 * Statistics 6.
 * @param probabilities one p-value per hypothesis
 * @param alpha family-wise error rate, one-sided as the p-values are
 * @param levelOf the p-value that is small enough for a share of alpha; other than the share itself in sequential
 * tests (Maurer & Bretz 2013), where each share is spent over the looks
 * @returns per hypothesis, in the order given, the level that its p-value had to reach and whether it did
 */
export function holm(
  probabilities: readonly number[],
  alpha: number,
  levelOf: (share: number) => number = (share) => share,
): { level: number; rejected: boolean }[] {
  const results = probabilities.map(() => ({ level: 0, rejected: false }));
  const ascending = probabilities
    .map((_, i) => i)
    .sort((a, b) => at(probabilities, a) - at(probabilities, b));
  let stopped = false;
  let level = 0;
  ascending.forEach((hypothesis, rank) => {
    // Once one is kept all greater p-values are kept too, and the level it missed is theirs as well.
    if (!stopped) level = levelOf(alpha / (probabilities.length - rank));
    stopped ||= at(probabilities, hypothesis) > level;
    results[hypothesis] = { level, rejected: !stopped };
  });
  return results;
}

const at = (values: readonly number[], i: number): number => values[i] as number;
