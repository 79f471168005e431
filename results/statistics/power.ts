import { hodgesLehmann } from './hodges-lehmann.ts';
import { noise } from './random.ts';

export interface NoiseQuestion {
  /** Log ratios of an A/A run: the same configuration in both arms. */
  readonly logRatios: readonly number[];
  /** Blocks of the gate run to be planned. */
  readonly blocks: number;
  /** Smallest change that matters, as a ratio minus one. */
  readonly delta: number;
  /** One-sided p-value that a regression must reach: alpha / 2 over the number of gating metrics. */
  readonly level: number;
  /** 1 − the confidence of the interval that a pass rests on. */
  readonly alpha: number;
  /** Share of gate runs in which the answer shall hold (0.8). */
  readonly power: number;
  readonly seed?: number;
}

export interface NoiseAnswer {
  /** Smallest true change (ratio minus one) that a gate run of so many blocks calls; absent where none ever would be. */
  readonly detectable?: number;
  /** Smallest delta (ratio minus one) at which a run without any change passes; absent where none ever would. */
  readonly passableDelta?: number;
}

const resamples = 2000;

/**
 * What a gate can see with this noise: a bootstrap of the A/A log ratios, centred and with random signs (nothing differs
 * between the arms, so a ratio and its inverse are equally likely). A gate run calls a change c where the lower end of
 * its interval plus ln(1 + c) exceeds ln(1 + delta), so the answer is a quantile of that end over the resamples.
 * @param question at least 8 log ratios, or the tails are guesswork; with fewer the answer is for what was seen
 */
export function noiseFloor(question: NoiseQuestion): NoiseAnswer {
  const { logRatios, blocks, delta, level, alpha, power, seed = 1 } = question;
  const { estimate } = hodgesLehmann(logRatios);
  const source = noise(seed);
  const lows: number[] = [];
  const highs: number[] = [];
  for (let i = 0; i < resamples; i += 1) {
    const sample = Array.from({ length: blocks }, () => {
      const drawn = logRatios[Math.floor(source.uniform() * logRatios.length)] as number;
      return (source.uniform() < 0.5 ? -1 : 1) * (drawn - estimate);
    });
    const regression = hodgesLehmann(sample, 2 * level).interval;
    if (regression && regression.confidence >= 1 - 2 * level) lows.push(regression.low);
    const pass = hodgesLehmann(sample, alpha).interval;
    if (pass && pass.confidence >= 1 - alpha) highs.push(pass.high);
  }
  return {
    ...(lows.length > 0 && { detectable: Math.expm1(Math.log1p(delta) - quantile(lows, 1 - power)) }),
    ...(highs.length > 0 && { passableDelta: Math.expm1(Math.max(0, quantile(highs, power))) }),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}
