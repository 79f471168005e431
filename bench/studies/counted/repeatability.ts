import type { CountedUnit } from '../../../results/counted-figures.ts';
import type { FunctionCount } from '../../../results/function-counts.ts';
import type { RunRecord } from '../../../results/schema.ts';
import { isMeasuredBlock } from '../../../results/summary.ts';

/** All trials of a workload on a pair; the pair's first is left out, as its caches were cold. */
export interface Figure {
  readonly scenario: string;
  readonly workload: string;
  readonly unit: CountedUnit;
  /** Per unit, in the order of measuring. */
  readonly instructions: readonly number[];
  /** By name and module, per unit, of each trial. */
  readonly functions: readonly ReadonlyMap<string, number>[];
}
export type BootFigures = readonly Figure[];

/** A function, and how far it was apart, in instructions per unit. */
export interface Moved {
  readonly name: string;
  readonly spread: number;
}

const mostMoved = 3;
/** A function is alike within so many instructions per unit. */
const alikeWithin = 1;

/** The counted figures of a run, each from its trials that count. */
export function figuresOf({ trials, functions }: RunRecord): BootFigures {
  const byFigure = new Map<string, Figure>();
  for (const trial of trials) {
    if (trial.status !== 'ok' || !trial.counted || !isMeasuredBlock(trial)) continue;
    const { scenario, workload, counted, order } = trial;
    const key = `${scenario} ${workload}`;
    const before = byFigure.get(key);
    byFigure.set(key, {
      ...{ scenario, workload, unit: counted.unit },
      instructions: [...(before?.instructions ?? []), counted.instructionsPerUnit],
      functions: [...(before?.functions ?? []), perName(functions?.get(order) ?? [])],
    });
  }
  return [...byFigure.values()];
}

const perName = (counts: readonly FunctionCount[]): ReadonlyMap<string, number> =>
  new Map(
    counts.map(({ name, module, instructionsPerUnit }) => [`${name} (${module})`, instructionsPerUnit]),
  );

/** How trials of one pair scatter: standard deviation as a share of the mean, and the functions that scatter most. */
export function withinBoot({ instructions, functions }: Figure): {
  readonly mean: number;
  readonly deviation: number;
  readonly moved: readonly Moved[];
} {
  const mean = average(instructions);
  const squares = instructions.map((value) => (value - mean) ** 2);
  const variance = squares.reduce((sum, each) => sum + each, 0) / Math.max(1, instructions.length - 1);
  const spreads = namesOf(functions).map((name) => {
    const values = functions.map((each) => each.get(name) ?? 0);
    return { name: bare(name), spread: Math.max(...values) - Math.min(...values) };
  });
  return { mean, deviation: Math.sqrt(variance) / mean, moved: largest(spreads) };
}

/** How the same pair on two machines differs, by the means of its trials. */
export function betweenBoots(one: BootFigures, other: BootFigures) {
  return one.flatMap((figure) => {
    const same = other.find(
      ({ scenario, workload }) => scenario === figure.scenario && workload === figure.workload,
    );
    if (!same) return [];
    const names = namesOf([...figure.functions, ...same.functions]);
    const mean = ({ functions }: Figure, name: string) =>
      average(functions.map((each) => each.get(name) ?? 0));
    const spreads = names.map((name) => ({
      name: bare(name),
      spread: Math.abs(mean(same, name) - mean(figure, name)),
    }));
    return [
      {
        ...{ scenario: figure.scenario, workload: figure.workload, unit: figure.unit },
        difference: average(same.instructions) / average(figure.instructions) - 1,
        functions: names.length,
        alike: spreads.filter(({ spread }) => spread <= alikeWithin).length,
        moved: largest(spreads),
      },
    ];
  });
}

const namesOf = (functions: Figure['functions']): string[] => [
  ...new Set(functions.flatMap((each) => [...each.keys()])),
];

const bare = (name: string): string => name.replace(/ \((?!user\)).*/, '');

const largest = (spreads: readonly Moved[]): Moved[] =>
  spreads
    .filter(({ spread }) => spread > alikeWithin)
    .sort((a, b) => b.spread - a.spread)
    .slice(0, mostMoved);

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
