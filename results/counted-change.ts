import type { CountedFigure, CountedFigures, CountedUnit, FunctionFigure } from './counted-figures.ts';
import { type FunctionGroup, functionGroups, groupOf } from './function-groups.ts';
import type { RecipeDifference } from './recipe-differences.ts';

/** A function that takes more or fewer instructions than it did, per unit of work. */
export interface FunctionChange {
  readonly name: string;
  readonly module: string;
  readonly group: FunctionGroup;
  /** Absent where the baseline file, which keeps the largest only, does not have it. */
  readonly base?: number;
  readonly head: number;
  /** Against `base`; where that is absent against the most that it can have been, so that it is no less than this. */
  readonly difference: number;
}

/** A part of the path that does. */
export interface GroupChange {
  readonly group: FunctionGroup;
  readonly base: number;
  readonly head: number;
  readonly difference: number;
}

/** What became of one figure, by the functions of its path. */
export interface FigureChange {
  readonly scenario: string;
  readonly workload: string;
  readonly unit: CountedUnit;
  /** Instructions per unit, medians over trials. */
  readonly base: number;
  readonly head: number;
  readonly difference: number;
  /** As a share of base; positive is longer. */
  readonly ratio: number;
  /** By how much it may differ though nothing changed, as a share: the less repeatable of the two. */
  readonly repeatability: number;
  /** What changed beyond that, the greatest first; functions of either side, and the parts that they belong to. */
  readonly functions: readonly FunctionChange[];
  readonly groups: readonly GroupChange[];
}

/** What a comparison in counted time tells beside its verdicts. */
export interface CountedComparison {
  /** What the two machines are made of and differ in; empty where that is the same. */
  readonly recipes: readonly RecipeDifference[];
  /** What became of each judged figure; those in which nothing changed have no functions. */
  readonly changes: readonly FigureChange[];
}

/** A figure that both have. */
export interface CountedPair {
  readonly base: CountedFigure;
  readonly head: CountedFigure;
}

/** The figures that both have, and the ids of those that one has alone. */
export function pairFigures(
  base: CountedFigures,
  head: CountedFigures,
): { pairs: CountedPair[]; onlyBase: CountedFigure[]; onlyHead: CountedFigure[] } {
  const before = new Map(base.figures.map((each) => [keyOf(each), each]));
  const after = new Map(head.figures.map((each) => [keyOf(each), each]));
  return {
    pairs: head.figures.flatMap((figure) => {
      const was = before.get(keyOf(figure));
      return was ? [{ base: was, head: figure }] : [];
    }),
    onlyBase: base.figures.filter((each) => !after.has(keyOf(each))),
    onlyHead: head.figures.filter((each) => !before.has(keyOf(each))),
  };
}

const keyOf = ({ scenario, workload }: CountedFigure): string => `${scenario} ${workload}`;

/** What changed in one figure, function by function. */
export function figureChange({ base, head }: CountedPair): FigureChange {
  const [was, is] = [base.instructions.median, head.instructions.median];
  const repeatability = Math.max(base.repeatability, head.repeatability);
  // One instruction in a unit of work is the least that a path can change by.
  const least = Math.max(head.unit === 'KiB' ? 0.05 : 1, repeatability * Math.max(was, is));
  return {
    scenario: head.scenario,
    workload: head.workload,
    unit: head.unit,
    base: was,
    head: is,
    difference: is - was,
    ratio: was > 0 ? is / was - 1 : 0,
    repeatability,
    functions: functionChanges(base, head, least),
    groups: groupChanges(base, head, least),
  };
}

function functionChanges(base: CountedFigure, head: CountedFigure, least: number): FunctionChange[] {
  const keyOfFunction = ({ name, module }: FunctionFigure): string => `${name}\t${module}`;
  const before = new Map(base.functions.map((each) => [keyOfFunction(each), each]));
  const after = new Map(head.functions.map((each) => [keyOfFunction(each), each]));
  // Without exact accounting of both there is nothing to hold against one another.
  if (before.size === 0 || after.size === 0) return [];
  const changes: FunctionChange[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    const { name, module } = (is ?? was) as FunctionFigure;
    const named = { name, module, group: groupOf({ name, module }) };
    if (!was && !base.isWhole) {
      // It may have been anything up to the smallest that the file keeps.
      const most = Math.min(...base.functions.map((each) => each.median));
      const count = is?.median ?? 0;
      if (count - most >= least) changes.push({ ...named, head: count, difference: count - most });
      continue;
    }
    if (!is && !head.isWhole) continue;
    const [before_, after_] = [was ?? nothing, is ?? nothing];
    const difference = after_.median - before_.median;
    const overlap = before_.low <= after_.high && after_.low <= before_.high;
    if (Math.abs(difference) < least || overlap) continue;
    changes.push({ ...named, base: before_.median, head: after_.median, difference });
  }
  return changes.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
}

const nothing = { median: 0, low: 0, high: 0 };

function groupChanges(base: CountedFigure, head: CountedFigure, least: number): GroupChange[] {
  if (base.groups.size === 0 || head.groups.size === 0) return [];
  return functionGroups
    .map((group) => {
      const [was, is] = [base.groups.get(group) ?? 0, head.groups.get(group) ?? 0];
      return { group, base: was, head: is, difference: is - was };
    })
    .filter(({ difference }) => Math.abs(difference) >= least)
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
}
