/** Middle value; of an even number the mean of the two middle ones. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  return middle([...values].sort((a, b) => a - b));
}

/** As `median`, of values that are already in ascending order. */
export function middle(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  if (n === 0) throw new RangeError('no median of no values');
  const upper = sorted[n >> 1] as number;
  return n % 2 === 1 ? upper : ((sorted[(n >> 1) - 1] as number) + upper) / 2;
}
