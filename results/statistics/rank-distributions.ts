import { normalCumulative, normalQuantile } from './normal.ts';

/**
 * Lower tail of the Wilcoxon signed-rank statistic V (sum of the ranks with a positive sign) of n values under the
 * null hypothesis: element v is P(V ≤ v). Exact, by counting subsets of {1 … n} with each sum.
 */
export function signedRankLowerTail(n: number): Float64Array {
  const cached = signedRankCache.get(n);
  if (cached) return cached;
  const top = (n * (n + 1)) / 2;
  let share = new Float64Array(top + 1);
  share[0] = 1;
  // Shares instead of counts: 2^n leaves the integers at n = 53. Halving is exact.
  for (let rank = 1; rank <= n; rank += 1) {
    const next = new Float64Array(top + 1);
    for (let v = 0; v <= (rank * (rank + 1)) / 2; v += 1) {
      next[v] = ((share[v] as number) + (v >= rank ? (share[v - rank] as number) : 0)) / 2;
    }
    share = next;
  }
  const tail = accumulate(share);
  signedRankCache.set(n, tail);
  return tail;
}

/**
 * Lower tail of the Mann–Whitney statistic U (number of pairs with x > y) for samples of m and n values under the null
 * hypothesis: element u is P(U ≤ u). Exact; the recursion is Mann & Whitney 1947, in shares.
 */
export function mannWhitneyLowerTail(m: number, n: number): Float64Array {
  const key = m < n ? `${m},${n}` : `${n},${m}`;
  const cached = mannWhitneyCache.get(key);
  if (cached) return cached;
  const [few, many] = m < n ? [m, n] : [n, m];
  // rows[i][j] holds the distribution for i and j values. The greatest value of all belongs to the first sample with
  // probability i/(i+j), and then beats all j of the other.
  let row: Float64Array[] = Array.from({ length: many + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= few; i += 1) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= many; j += 1) {
      const share = new Float64Array(i * j + 1);
      const won = row[j] as Float64Array;
      const lost = next[j - 1] as Float64Array;
      for (let u = 0; u < won.length; u += 1) share[u + j] = ((won[u] as number) * i) / (i + j);
      for (let u = 0; u < lost.length; u += 1)
        share[u] = (share[u] as number) + ((lost[u] as number) * j) / (i + j);
      next.push(share);
    }
    row = next;
  }
  const tail = accumulate(row[many] as Float64Array);
  mannWhitneyCache.set(key, tail);
  return tail;
}

const signedRankCache = new Map<number, Float64Array>();
const mannWhitneyCache = new Map<string, Float64Array>();

function accumulate(shares: Float64Array): Float64Array {
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    return sum;
  });
}

/**
 * How many of the least and of the greatest candidates an interval leaves out: the largest k for which a
 * statistic's P(T ≤ k − 1) is at most alpha / 2, at least 1 (the widest interval), with the confidence so achieved.
 */
export function trim(lowerTail: Float64Array, alpha: number): { k: number; confidence: number } {
  let k = 1;
  while (k < lowerTail.length && (lowerTail[k] as number) <= alpha / 2) k += 1;
  return { k, confidence: 1 - 2 * (lowerTail[k - 1] as number) };
}

/**
 * The same from the normal approximation, where the exact distribution would cost too much.
 * @param mean and @param variance of the statistic under the null hypothesis
 */
export function trimNormal(mean: number, variance: number, alpha: number): { k: number; confidence: number } {
  const k = Math.floor(mean + normalQuantile(alpha / 2) * Math.sqrt(variance) + 0.5);
  return { k: Math.max(1, k), confidence: 1 - alpha };
}

/** P(T ≤ t) by the same approximation, with continuity correction. */
export function tailNormal(mean: number, variance: number, t: number): number {
  return normalCumulative((t + 0.5 - mean) / Math.sqrt(variance));
}
