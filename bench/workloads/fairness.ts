/**
 * Jain's fairness index (Σx)² / (n · Σx²): 1 where all got the same, 1/n where one got everything. R. Jain, D. Chiu and
 * W. Hawe, A Quantitative Measure of Fairness and Discrimination for Resource Allocation in Shared Computer Systems,
 * DEC-TR-301, 1984.
 * @param shares at least one, none negative, in any one unit
 * @returns undefined where all are zero
 */
export function fairnessIndex(shares: readonly number[]): number | undefined {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares > 0 ? sum ** 2 / (shares.length * squares) : undefined;
}
