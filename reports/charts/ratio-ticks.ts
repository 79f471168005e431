/** Changes in percent that may stand on an axis, those that matter most first. */
const tiers: readonly (readonly number[])[] = [
  [0],
  [-50, 100, 400, 900],
  [-20, 25, -75, -90, -99, 50, 200, 1900, 4900, 9900],
  [-10, 10, -30, -95, 300],
  [-5, 5, -40, -60, -80, 20, 30, 75, 150, 600],
  [-2, 2, -15, -25, -70, 15, 40, 60],
  [-1, 1, -3, 3],
];

/**
 * Ratios for the ticks of a logarithmic axis of changes.
 * @param low, high the axis' ends, as ratios (1 is "equal to the baseline")
 * @param gap smallest distance between two ticks, as a share of the axis
 */
export function ratioTicks(low: number, high: number, gap: number): number[] {
  const span = Math.log(high) - Math.log(low);
  const chosen: number[] = [];
  for (const percent of tiers.flat()) {
    const ratio = 1 + percent / 100;
    const isInside = ratio >= low && ratio <= high;
    const isFree = chosen.every((other) => Math.abs(Math.log(ratio) - Math.log(other)) / span >= gap);
    if (isInside && isFree) chosen.push(ratio);
  }
  return chosen.sort((a, b) => a - b);
}

/** `+25 %`, `−10 %`, `equal`. */
export function ratioLabel(ratio: number): string {
  const percent = Math.round((ratio - 1) * 1000) / 10;
  if (percent === 0) return 'equal';
  return `${percent > 0 ? '+' : '\u2212'}${Math.abs(percent).toLocaleString('en-GB')}\u00a0%`;
}

/** Ends of an axis of changes that show all of the given ratios, 1, and some room; never narrower than ±6 %. */
export function ratioDomain(ratios: readonly number[]): { low: number; high: number } {
  let low = 0.94;
  let high = 1.06;
  for (const ratio of ratios) {
    if (!Number.isFinite(ratio) || ratio <= 0) continue;
    low = Math.min(low, ratio);
    high = Math.max(high, ratio);
  }
  const room = 0.03 * (Math.log(high) - Math.log(low));
  return { low: low * Math.exp(-room), high: high * Math.exp(room) };
}

/** Ticks of a logarithmic axis of quantities: 1, 2 and 5 times powers of ten, thinned to about `most`. */
export function decadeTicks(low: number, high: number, most = 7): number[] {
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
      for (const step of steps) {
        const tick = step * 10 ** exponent;
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    if (ticks.length <= most) return ticks;
  }
  return [low, high];
}
