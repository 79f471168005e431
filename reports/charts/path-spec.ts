import { type CountedPair, figureChange } from '../../results/counted-change.ts';
import type { CountedFigure } from '../../results/counted-figures.ts';
import { functionGroups, groupOf } from '../../results/function-groups.ts';
import { plainText } from '../text.ts';
import { shortName } from './overhead-spec.ts';
import type { IcicleSpec, PathSpec } from './spec.ts';

/** Parts that have a segment of their own; the small ones are one. */
const shownParts = 12;

/** What the sum of the small parts is called. */
const rest = 'the rest';

/**
 * Where the instructions of a unit of work go, a stacked bar a scenario.
 * @param figures of one workload, in the order of the bars, with the names to show
 * @returns undefined where none has an account of its functions
 */
export function pathSpec(
  figures: readonly { readonly name: string; readonly figure: CountedFigure }[],
  title: string,
): PathSpec | undefined {
  const accounted = figures.filter(({ figure }) => figure.groups.size > 0);
  const [first] = accounted;
  if (!first) return undefined;
  const largest = functionGroups
    .map((group) => ({
      group,
      most: Math.max(...accounted.map(({ figure }) => figure.groups.get(group) ?? 0)),
    }))
    .filter(({ most }) => most > 0)
    .sort((a, b) => b.most - a.most);
  const shown = new Set(largest.slice(0, shownParts).map(({ group }) => group));
  const parts = functionGroups.filter((group) => shown.has(group));
  const hasRest = largest.length > shown.size;
  return {
    kind: 'path',
    title,
    unit: first.figure.unit,
    parts: [...parts, ...(hasRest ? [rest] : [])],
    rows: accounted.map(({ name, figure }) => {
      const values = parts.map((group) => Math.max(0, figure.groups.get(group) ?? 0));
      const all = figure.instructions.median;
      const left = Math.max(0, all - values.reduce((sum, each) => sum + each, 0));
      return { name: shortName(name), values: [...values, ...(hasRest ? [left] : [])], total: all };
    }),
  };
}

/** Functions of less than this share of the whole are one cell. */
const leastShare = 0.009;

/**
 * One figure as an icicle: the whole, the parts of its path, their functions, each as long as its instructions, coloured
 * by what it takes more or less than in `base`.
 * @returns undefined where either has no account of its functions
 */
export function icicleSpec(pair: CountedPair, names: { base: string; head: string }): IcicleSpec | undefined {
  const { base, head } = pair;
  if (base.functions.length === 0 || head.functions.length === 0) return undefined;
  const change = figureChange(pair);
  const before = new Map(base.functions.map((each) => [`${each.name}\t${each.module}`, each.median]));
  const total = head.instructions.median;
  const cells = head.functions
    .filter(({ median }) => median > 0)
    .map(({ name, module, median }) => {
      const was = before.get(`${name}\t${module}`);
      return {
        group: groupOf({ name, module }),
        name: plainText(name),
        value: median,
        // What a baseline file does not have is no change.
        ...((was !== undefined || base.isWhole) && { difference: median - (was ?? 0) }),
      };
    });
  const groups = functionGroups.flatMap((group) => {
    const own = cells.filter((cell) => cell.group === group).sort((a, b) => b.value - a.value);
    if (own.length === 0) return [];
    const large = own.filter(({ value }) => value >= leastShare * total);
    const small = own.filter(({ value }) => value < leastShare * total);
    const sum = (of: typeof own, key: 'value' | 'difference') =>
      of.reduce((all, each) => all + (each[key] ?? 0), 0);
    const merged =
      small.length > 0
        ? [
            {
              name:
                large.length === 0 && small.length === 1 ? (small[0]?.name ?? '') : `${small.length} more`,
              value: sum(small, 'value'),
              difference: sum(small, 'difference'),
            },
          ]
        : [];
    const functions = [...large.map(({ group: _, ...cell }) => cell), ...merged];
    return [{ name: group, value: sum(own, 'value'), difference: sum(own, 'difference'), functions }];
  });
  return {
    kind: 'icicle',
    title: `${plainText(head.workload)}: ${names.head} against ${names.base}`,
    unit: head.unit,
    name: names.head,
    against: names.base,
    total,
    difference: change.difference,
    groups,
  };
}
