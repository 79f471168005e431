import type { Refusal } from './compare.ts';
import { type CountedPair, type FigureChange, figureChange, pairFigures } from './counted-change.ts';
import type { CountedFigure, CountedFigures } from './counted-figures.ts';
import { percentText } from './figure-text.ts';
import { deltaOf, type GatedMetric, type GateOptions, type GateResult } from './gate.ts';
import { gating } from './gating.ts';
import { recipeDifferences, recipeDifferenceText } from './recipe-differences.ts';
import { overallVerdict } from './verdict.ts';

/** A change of a path's length that matters, unless told otherwise: an engine's upgrade, ten filter rules. */
export const countedDelta = 0.005;

export interface CountedRules extends GateOptions {
  /** Judges by the measured repeatability instead of delta, and passes nothing that differs by more. */
  readonly anyChange?: boolean;
  /** Compares machines of two recipes, where their difference is what is asked about. */
  readonly acrossRecipes?: boolean;
}

/**
 * Judges counted figures. Nothing is left to chance in them but what their repeatability says, so that the interval of a
 * change is the range of all trials of both sides, widened by that; its verdict follows as everywhere.
 * @param incomplete why one of them can't be judged at all
 */
export function gateCounted(
  base: CountedFigures,
  head: CountedFigures,
  rules: CountedRules,
  incomplete: readonly Refusal[] = [],
): GateResult {
  const recipes = recipeDifferences(base.recipe, head.recipe);
  const { pairs, onlyBase, onlyHead } = pairFigures(base, head);
  const selects = (figure: CountedFigure): boolean =>
    gating(rules.metrics).selects({
      scenario: figure.scenario,
      workload: figure.workload,
      metric: 'instructions',
      isPrimary: true,
    });
  const judged = pairs.filter((pair) => selects(pair.head));
  const changes = judged.map(figureChange);
  const metrics = judged.map((pair, i) => judgeFigure(pair, changes[i] as FigureChange, rules));
  const refusals: Refusal[] = [...onlyBase, ...onlyHead].filter(selects).map((figure) => ({
    scope: 'workload',
    scenario: figure.scenario,
    workload: figure.workload,
    what: `${figure.workload} on ${figure.scenario}`,
    reason: `it has a figure in the ${onlyBase.includes(figure) ? 'baseline' : 'head'} only`,
    remedy: onlyBase.includes(figure)
      ? 'Measure the same scenarios and workloads, or name those that gate with --metric.'
      : 'Write the baseline anew, or name the figures that gate with --metric.',
  }));
  const other: Refusal | undefined =
    recipes.length > 0 && !rules.acrossRecipes
      ? {
          scope: 'run',
          what: 'the machines',
          reason: `they are made of other parts: ${listed(recipes.map(recipeDifferenceText))}`,
          remedy:
            'Write a baseline of this recipe (tare baseline --machine counted --write FILE), or compare across recipes with --across-recipes.',
        }
      : undefined;
  const common = {
    base: base.source,
    head: head.source,
    options: rules,
    controls: [],
    differences: [],
    refusals: [...incomplete, ...(other ? [other] : []), ...refusals],
    warnings: figuresWithoutFunctions(judged),
    metrics: other ? [] : metrics,
    counted: { recipes, changes: other ? [] : changes },
  };
  const [missing] = refusals.filter((each) => onlyBase.some((figure) => figure.scenario === each.scenario));
  const refused = incomplete[0] ?? other ?? (metrics.length === 0 ? nothingJudged : missing);
  if (refused) {
    const { what, reason, remedy } = refused;
    return { ...common, verdict: 'invalid', reason: `${what}: ${reason}`, remedy, refusedBy: refused };
  }
  return { ...common, verdict: overallVerdict(metrics.map(({ verdict }) => verdict)) };
}

const nothingJudged: Refusal = {
  scope: 'run',
  what: 'both',
  reason: 'they have no counted figure in common that gates',
  remedy: 'Measure the same scenarios and workloads, and check --metric (workload:instructions).',
};

const listed = (texts: readonly string[]): string =>
  `${texts.slice(0, 6).join('; ')}${texts.length > 6 ? ` and ${texts.length - 6} more` : ''}`;

function judgeFigure({ base, head }: CountedPair, change: FigureChange, rules: CountedRules): GatedMetric {
  const id = { scenario: head.scenario, workload: head.workload, metric: 'instructions' };
  const delta = rules.anyChange ? change.repeatability : deltaOf({ ...id, isPrimary: true }, rules);
  const low = head.instructions.low / base.instructions.high - 1 - change.repeatability;
  const high = head.instructions.high / base.instructions.low - 1 + change.repeatability;
  const verdict = verdictOf({ ratio: change.ratio, low, high, delta }, change, rules);
  return {
    ...id,
    unit: 'instructions',
    better: 'lower',
    base: { n: base.n, median: base.instructions.median },
    head: { n: head.n, median: head.instructions.median },
    delta,
    shift: { estimate: change.ratio, n: head.n, interval: { low, high, confidence: 1 } },
    ...verdict,
  };
}

function verdictOf(
  { ratio, low, high, delta }: { ratio: number; low: number; high: number; delta: number },
  { functions }: FigureChange,
  { anyChange }: CountedRules,
): Pick<GatedMetric, 'verdict' | 'undecided' | 'regression'> {
  const regression = { probability: low > delta ? 0 : 1, level: 0 };
  if (anyChange) {
    // Here delta is the repeatability itself, so that the estimate is held against it and not the widened interval.
    if (ratio > delta) return { verdict: 'regressed', regression };
    if (ratio < -delta || functions.length > 0) {
      return { verdict: 'inconclusive', undecided: 'other-than-baseline', regression };
    }
    return { verdict: 'pass', regression };
  }
  if (low > delta) return { verdict: 'regressed', regression };
  if (high < -delta) return { verdict: 'improved', regression };
  if (high < delta) return { verdict: 'pass', regression };
  return { verdict: 'inconclusive', undecided: 'interval-includes-delta', regression };
}

function figuresWithoutFunctions(pairs: readonly CountedPair[]): string[] {
  const without = pairs.filter(
    ({ base, head }) => base.functions.length === 0 || head.functions.length === 0,
  );
  if (without.length === 0) return [];
  return [
    `${without.length} of ${pairs.length} figures have no account of their functions, so that what changed in them can’t be named (repeatable to ${percentText(Math.max(...without.map(({ head }) => head.repeatability)))}).`,
  ];
}
