import { normalCumulative, normalQuantile } from './normal.ts';

/** Numbers of blocks after which a live comparison is looked at; the last is its end. */
export const looks = [8, 12, 16, 20, 24, 30] as const;

/**
 * Error that may have been spent at a fraction of the information, by Lan & DeMets' spending function of the
 * O'Brien–Fleming kind: 2 − 2Φ(z(1 − alpha/2) / √t). Lan & DeMets 1983, Biometrika 70.
 * @param alpha one-sided error rate of the whole
 * @param fraction of the last look's blocks, over 0 and up to 1
 */
export function spentAlpha(alpha: number, fraction: number): number {
  return 2 * normalCumulative(normalQuantile(alpha / 2) / Math.sqrt(fraction));
}

/**
 * The one-sided p-value that is small enough at each look, so that all looks together err with probability alpha.
 * From the exact crossing probabilities of a Brownian motion (Armitage, McPherson & Rowe 1969); the signed-rank
 * statistic behaves like one, and the simulation in test/unit/results-sequential.test.ts shows how closely. Stopping
 * early to pass needs no allowance: it can only lower the probability of calling a regression.
 * @param lookAt numbers of blocks, ascending; the last is the end
 */
export function nominalLevels(alpha: number, lookAt: readonly number[] = looks): readonly number[] {
  const key = `${alpha} ${lookAt.join(' ')}`;
  const cached = levelCache.get(key);
  if (cached) return cached;
  const last = lookAt.at(-1) as number;
  const levels: number[] = [];
  let state: State = { points: [0], masses: [1] };
  let time = 0;
  let spent = 0;
  for (const blocks of lookAt) {
    const next = blocks / last;
    const step = Math.sqrt(next - time);
    const target = spentAlpha(alpha, next) - spent;
    const boundary = boundaryFor(state, step, target);
    levels.push(normalCumulative(-boundary / Math.sqrt(next)));
    state = advance(state, step, boundary, Math.sqrt(next));
    spent += target;
    time = next;
  }
  levelCache.set(key, levels);
  return levels;
}

const levelCache = new Map<string, readonly number[]>();

/** Where the motion may be if it has crossed no boundary yet: quadrature points and the probability at each. */
interface State {
  readonly points: readonly number[];
  readonly masses: readonly number[];
}

function boundaryFor({ points, masses }: State, step: number, target: number): number {
  const crossing = (boundary: number): number =>
    points.reduce((sum, x, i) => sum + (masses[i] as number) * normalCumulative((x - boundary) / step), 0);
  let low = 0;
  let high = 40;
  for (let i = 0; i < 60; i += 1) {
    const mid = (low + high) / 2;
    if (crossing(mid) > target) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}

const intervals = 240;

/** Simpson's rule on [−8 standard deviations, boundary]. */
function advance(state: State, step: number, boundary: number, deviation: number): State {
  const from = -8 * deviation;
  const to = Math.min(boundary, 8 * deviation);
  const width = (to - from) / intervals;
  const points: number[] = [];
  const masses: number[] = [];
  for (let i = 0; i <= intervals; i += 1) {
    const x = from + i * width;
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2;
    let density = 0;
    state.points.forEach((u, j) => {
      const z = (x - u) / step;
      density += (state.masses[j] as number) * Math.exp((-z * z) / 2);
    });
    points.push(x);
    masses.push(((weight * width) / 3) * (density / (step * Math.sqrt(2 * Math.PI))));
  }
  return { points, masses };
}
