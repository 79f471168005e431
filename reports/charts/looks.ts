import type { RunSummary } from '../../results/summary.ts';
import { scenarioName } from '../ranking.ts';
import type { Theme } from './theme.ts';

const dashes: readonly (readonly number[])[] = [[], [9, 4], [2, 3], [9, 3, 2, 3], [4, 3]];
const markers = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'cross', 'crossRot'] as const;

/** As many as there are pairs of a dash and a marker: each look is told from each other without colour. */
export const lookCount = dashes.length * markers.length;

export interface Look {
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: (typeof markers)[number];
}

/** The look of that number; 0 is the baseline's: solid, in ink. */
export function lookOf(index: number, theme: Theme): Look {
  return {
    colour: theme.series[index === 0 ? 0 : 1 + ((index - 1) % (theme.series.length - 1))] ?? theme.ink,
    dash: dashes[index % dashes.length] ?? [],
    marker: markers[index % markers.length] ?? 'circle',
  };
}

/**
 * Gives each network of a run one look, the same in every chart: by its name, so that it is the same in other runs too,
 * but where another has taken that.
 * @returns from a network's name to the number of its look
 */
export function looksOf({ topologies }: Pick<RunSummary, 'topologies'>): (name: string) => number {
  const taken = new Map<string, number>();
  const scenarios = topologies.flatMap((topology) => topology.scenarios);
  for (const scenario of scenarios.filter(({ isBaseline }) => isBaseline))
    taken.set(scenarioName(scenario), 0);
  // Networks as they are shipped choose before those that options make of them.
  const names = [...new Set(scenarios.map(scenarioName))].sort(
    (a, b) => Number(a.includes('@')) - Number(b.includes('@')) || (a < b ? -1 : 1),
  );
  for (const name of names) {
    if (taken.has(name)) continue;
    const used = new Set(taken.values());
    let look = preferred(name);
    for (let step = 1; used.has(look) && step < lookCount - 1; step += 1) look = (look % (lookCount - 1)) + 1;
    taken.set(name, look);
  }
  return (name) => taken.get(name) ?? preferred(name);
}

/**
 * FNV-1a, as it is short and spreads names well; from 1, as 0 is the baseline's. Begun at a number at which no two networks
 * that Tare ships meet.
 */
function preferred(name: string): number {
  let hash = 54;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return 1 + ((hash >>> 0) % (lookCount - 1));
}
