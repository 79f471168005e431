import type { CountedComparison, FigureChange, FunctionChange } from '../results/counted-change.ts';
import type { CountedUnit } from '../results/counted-figures.ts';
import type { FunctionGroup } from '../results/function-groups.ts';
import { recipeDifferenceText } from '../results/recipe-differences.ts';
import { formatQuantity } from './format.ts';
import { plainText } from './text.ts';

/** Stands beside every counted figure: it is no stopwatch's. */
export const countedMark = 'counted';

/** What the mark means, for the foot of whatever shows it. */
export const countedNote =
  'Counted: instructions of an emulated machine, a nanosecond each; they rank paths by length and are no stopwatch’s ' +
  '(no caches, no second CPU, no NIC).';

/** `+0.24 %`: in counted time hundredths of a per cent are figures, not noise. */
export function countedPercent(ratio: number): string {
  const percent = ratio * 100;
  const size = Math.abs(percent);
  const text = size >= 99.95 ? size.toFixed(0) : size >= 9.995 ? size.toFixed(1) : size.toFixed(2);
  return `${Number(text) === 0 ? '' : percent < 0 ? '−' : '+'}${Number(text) === 0 ? '0' : text}\u00a0%`;
}

/** Instructions as people compare them: `+132`, `−4,684`; of a KiB, which takes few, with two decimals. */
export function instructionsText(difference: number, unit: CountedUnit): string {
  const size = Math.abs(difference);
  const text = unit === 'KiB' && size < 100 ? size.toFixed(2) : formatQuantity(Math.round(size), 'count');
  return `${difference < 0 ? '−' : '+'}${text}`;
}

/** `a transaction`, `a KiB`. */
export const perUnit = (unit: CountedUnit): string => `a ${unit}`;

/** What changed in a part of the path: `filter +192: nft_do_chain +132, nft_immediate_eval +60`. */
export interface GroupLine {
  readonly group: FunctionGroup;
  readonly difference: number;
  readonly text: string;
}

/** A figure in which something changed, told by the parts of its path and their functions. */
export interface ChangeLines {
  readonly title: string;
  readonly change: FigureChange;
  readonly groups: readonly GroupLine[];
}

const shownGroups = 6;
const shownFunctions = 5;

/** The figures in which something changed, the most changed first; those as they were are only counted. */
export function changeLines({ changes }: CountedComparison): {
  changed: ChangeLines[];
  unchanged: number;
} {
  const changed = changes.filter(hasChanged).sort((a, b) => Math.abs(b.ratio) - Math.abs(a.ratio));
  return {
    changed: changed.map((change) => ({
      title: `${plainText(change.scenario)} ${plainText(change.workload)}: ${countedPercent(change.ratio)} (${instructionsText(change.difference, change.unit)} instructions ${perUnit(change.unit)})`,
      change,
      groups: groupLines(change),
    })),
    unchanged: changes.length - changed.length,
  };
}

/** Whether a figure or a function of it differs by more than repeated trials do. */
export const hasChanged = ({ ratio, repeatability, functions }: FigureChange): boolean =>
  Math.abs(ratio) > repeatability || functions.length > 0;

function groupLines({ functions, groups, unit }: FigureChange): GroupLine[] {
  const named = new Map<FunctionGroup, FunctionChange[]>();
  for (const each of functions) named.set(each.group, [...(named.get(each.group) ?? []), each]);
  const parts = new Map(groups.map(({ group, difference }) => [group, difference]));
  for (const [group, own] of named) {
    if (!parts.has(group)) {
      parts.set(
        group,
        own.reduce((sum, { difference }) => sum + difference, 0),
      );
    }
  }
  const lines = [...parts]
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([group, difference]) => {
      const own = named.get(group) ?? [];
      const listed = own.slice(0, shownFunctions).map((each) => functionText(each, unit));
      const more = own.length > shownFunctions ? ` and ${own.length - shownFunctions} more` : '';
      const told = own.length > 0 ? `: ${listed.join(', ')}${more}` : '';
      return { group, difference, text: `${group} ${instructionsText(difference, unit)}${told}` };
    });
  if (lines.length <= shownGroups) return lines;
  const rest = lines.slice(shownGroups);
  const difference = rest.reduce((sum, each) => sum + each.difference, 0);
  return [
    ...lines.slice(0, shownGroups),
    {
      group: 'other',
      difference,
      text: `${rest.length} more parts ${instructionsText(difference, unit)}`,
    },
  ];
}

const functionText = ({ name, base, difference }: FunctionChange, unit: CountedUnit): string =>
  `${plainText(name)} ${base === undefined ? 'at least ' : ''}${instructionsText(difference, unit)}`;

/** Which parts of the two machines differ, where that was asked about. */
export const recipeTexts = ({ recipes }: CountedComparison): string[] =>
  recipes.map((each) => plainText(recipeDifferenceText(each)));

/** What is said where nothing changed, or of the figures that did not. */
export function unchangedText({ changes }: CountedComparison): string | undefined {
  const unchanged = changes.filter((change) => !hasChanged(change));
  if (unchanged.length === 0) return undefined;
  const within = Math.max(...unchanged.map(({ repeatability }) => repeatability));
  const which =
    unchanged.length === changes.length ? 'All figures are' : `${unchanged.length} of ${changes.length} are`;
  return `${which} unchanged, function by function, within ${countedPercent(within).replace('+', '')}.`;
}
