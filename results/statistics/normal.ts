/**
 * Cumulative standard normal distribution, absolute error below 1e-15 in the body and relative error below 1e-13 in
 * the tails. Series and continued fraction: Abramowitz & Stegun 26.2.10 and 26.2.14.
 */
export function normalCumulative(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  const x = Math.abs(z);
  if (x > 38) return z < 0 ? 0 : 1;
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 5) {
    let term = x;
    let sum = x;
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k += 1) {
      term *= (x * x) / (2 * k + 1);
      sum += term;
    }
    return z < 0 ? 0.5 - density * sum : 0.5 + density * sum;
  }
  let fraction = x;
  for (let k = 60; k >= 1; k -= 1) fraction = x + k / fraction;
  return z < 0 ? density / fraction : 1 - density / fraction;
}

/**
 * Quantile of the standard normal distribution, by bisection of `normalCumulative`: slow, exact, used a few times.
 * @param p strictly between 0 and 1
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`no normal quantile of ${p}`);
  // Above one half by symmetry, so that the tail keeps its relative precision.
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -39;
  let high = 0;
  for (let step = 0; step < 200 && high - low > 1e-15 * Math.max(1, Math.abs(low)); step += 1) {
    const mid = (low + high) / 2;
    if (normalCumulative(mid) < p) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
