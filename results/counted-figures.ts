import type { FunctionCount } from './function-counts.ts';
import { type FunctionGroup, sumsByGroup } from './function-groups.ts';
import { matchMeasured } from './match-arms.ts';
import type { Arm, OkTrial, RecipeIdentity, RunRecord } from './schema.ts';
import { median } from './statistics/order.ts';
import { isMeasuredBlock } from './summary.ts';

/** What is counted: instructions for each of these. */
export type CountedUnit = NonNullable<OkTrial['counted']>['unit'];

/** A number of instructions over repeated trials. */
export interface CountedRange {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** One function's share of a figure, in instructions per unit. */
export interface FunctionFigure extends CountedRange {
  readonly name: string;
  readonly module: string;
}

/** What one workload takes on one scenario, counted. */
export interface CountedFigure {
  readonly scenario: string;
  readonly workload: string;
  readonly unit: CountedUnit;
  /** Trials behind it. */
  readonly n: number;
  /** Per unit. */
  readonly instructions: CountedRange;
  /**
   * By how much repeated trials of it differ, as a share of it: what was seen, and never less than what two boots of one
   * recipe may differ by.
   */
  readonly repeatability: number;
  /** Sums by the part of the path; empty without exact accounting. */
  readonly groups: ReadonlyMap<FunctionGroup, number>;
  /** The largest first; empty without exact accounting. */
  readonly functions: readonly FunctionFigure[];
  /** False where only the largest functions are known. */
  readonly isWhole: boolean;
}

/** What a counted machine gave: of a run, or as a baseline file holds it. */
export interface CountedFigures {
  /** Run id, or the file's name. */
  readonly source: string;
  readonly recipe: RecipeIdentity;
  readonly figures: readonly CountedFigure[];
}

/** By how much two boots of one recipe may differ in a figure, as a share: what is aimed at, not yet measured. */
export const betweenBoots: Readonly<Record<CountedUnit, number>> = {
  transaction: 0.0005,
  connection: 0.0005,
  KiB: 0.002,
  // A query passes through the engine itself, whose own work is no constant.
  query: 0.02,
};

/**
 * The counted figures of a run, warm-up and trials that do not count left out; in the order of the plan.
 * @param arm of a live comparison, whose base goes by the names of the scenarios of the head; without it trials of no arm
 * @returns undefined where the run was measured by the wall clock
 */
export function countedFigures(record: RunRecord, arm?: Arm): CountedFigures | undefined {
  const { machine } = record.run;
  if (!machine) return undefined;
  const nameOf = arm === 'base' ? headNames(record) : new Map<string, string>();
  const byFigure = new Map<string, CountedTrial[]>();
  for (const trial of record.trials) {
    if (trial.status !== 'ok' || !isMeasuredBlock(trial) || trial.arm !== arm) continue;
    const { counted } = trial;
    if (!counted) continue;
    const scenario = nameOf.get(trial.scenario) ?? trial.scenario;
    const key = `${scenario} ${trial.workload}`;
    byFigure.set(key, [...(byFigure.get(key) ?? []), { ...trial, scenario, counted }]);
  }
  const figures = [...byFigure.values()].map((trials) => figureOf(trials, record.functions));
  return { source: record.run.id, recipe: machine.recipe, figures };
}

/** Scenarios of the base arm by the names of those of the head that they are compared with. */
function headNames(record: RunRecord): Map<string, string> {
  return new Map(
    matchMeasured(record).flatMap(({ head, base }) =>
      head !== undefined && base !== undefined ? [[base, head] as const] : [],
    ),
  );
}

type CountedTrial = OkTrial & { readonly counted: NonNullable<OkTrial['counted']> };

function figureOf(trials: readonly CountedTrial[], functions: RunRecord['functions']): CountedFigure {
  const [{ scenario, workload, counted }] = trials as [CountedTrial];
  const { unit } = counted;
  const instructions = rangeOf(trials.map((trial) => trial.counted.instructionsPerUnit));
  // Workers that happened to run are told beside the figures, and are none of the path's functions.
  const aside = new Set(trials.flatMap((trial) => trial.counted.setAside.map(({ name }) => name)));
  const accounts = trials.flatMap(({ order }) => {
    const counts = functions?.get(order);
    return counts ? [counts.filter(({ name }) => !aside.has(name))] : [];
  });
  const figures = functionFigures(accounts);
  return {
    scenario,
    workload,
    unit,
    n: trials.length,
    instructions,
    repeatability: Math.max(betweenBoots[unit], spreadOf(instructions)),
    groups: sumsByGroup(
      figures.map(({ name, module, median }) => ({ name, module, instructionsPerUnit: median })),
    ),
    functions: figures,
    isWhole: true,
  };
}

/** A function that a trial did not pass through took nothing there. */
function functionFigures(accounts: readonly (readonly FunctionCount[])[]): FunctionFigure[] {
  const byName = new Map<string, { name: string; module: string; counts: number[] }>();
  for (const account of accounts) {
    for (const { name, module, instructionsPerUnit } of account) {
      const key = `${name}\t${module}`;
      const entry = byName.get(key) ?? { name, module, counts: [] };
      entry.counts.push(instructionsPerUnit);
      byName.set(key, entry);
    }
  }
  return [...byName.values()]
    .map(({ name, module, counts }) => {
      const missing = Array.from({ length: accounts.length - counts.length }, () => 0);
      return { name, module, ...rangeOf([...counts, ...missing]) };
    })
    .sort((a, b) => b.median - a.median || (a.name < b.name ? -1 : 1));
}

const rangeOf = (values: readonly number[]): CountedRange => ({
  median: median(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

const spreadOf = ({ median: middle, low, high }: CountedRange): number =>
  middle > 0 ? (high - low) / middle : 0;
