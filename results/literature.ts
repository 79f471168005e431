import { type FigurePlan, leastConfidence } from './claims-criteria.ts';
import { type ClaimFigure, type Finding, figureOf } from './claims-measured.ts';
import { confidenceText } from './figure-text.ts';
import type { RunSummary } from './summary.ts';

/** A figure that a publication gives by itself: at least so much in every trial of a scenario. */
interface AtLeastPlan {
  readonly what: string;
  readonly scenario: string;
  readonly workload: string;
  readonly metric: string;
  /** In the metric's base unit. */
  readonly atLeast: number;
}

/** What somebody has published, and how this machine can be asked about it. */
export interface StatementPlan {
  readonly id: string;
  readonly source: string;
  /** Their statement, in few words. */
  readonly says: string;
  /** On what they measured it, as far as they tell. */
  readonly measuredOn: string;
  /** What decides here; none where nothing can. */
  readonly figures: readonly FigurePlan[];
  readonly atLeast?: readonly AtLeastPlan[];
  /** Why no figure of Tare's can decide; present where there are none, or where they bear on a part only. */
  readonly cannot?: string;
  /** What a reader should believe, whatever the verdict. */
  readonly believe: string;
}

export type LiteratureVerdict = 'confirmed' | 'refuted' | 'cannot-tell';

/** A statement held against a run. */
export interface HeldStatement {
  readonly plan: StatementPlan;
  readonly verdict: LiteratureVerdict;
  readonly figures: readonly ClaimFigure[];
  /** What was seen of figures that stand by themselves: `null` where it was not measured. */
  readonly seen: readonly {
    readonly plan: AtLeastPlan;
    readonly most: number | null;
    readonly unit?: string;
  }[];
  /** Why it can't be told, where it can't. */
  readonly reason?: string;
}

/**
 * Holds a statement against a run: confirmed where all that decides agrees, refuted where something disagrees beyond
 * doubt, else it can't be told here, with the reason.
 */
export function holdAgainst(plan: StatementPlan, summary: RunSummary): HeldStatement {
  const figures = plan.figures.map((figure) => figureOf(figure, summary));
  const seen = (plan.atLeast ?? []).map((each) => ({ plan: each, ...mostOf(each, summary) }));
  const findings: Finding[] = [
    ...figures.flatMap(({ finding }) => finding ?? []),
    ...seen.map(({ plan: { atLeast, what }, most, reason }): Finding => {
      if (most === null) return { type: 'open', reason: reason ?? `${what}: not measured` };
      return most < atLeast
        ? { type: 'disagrees' }
        : { type: 'open', reason: `${what}: some trials reach it, which decides nothing` };
    }),
  ];
  const base = { plan, figures, seen };
  const [open] = findings.flatMap((finding) => (finding.type === 'open' ? [finding.reason] : []));
  if (findings.some(({ type }) => type === 'disagrees')) return { ...base, verdict: 'refuted' };
  if (findings.length === 0 || open !== undefined || plan.cannot !== undefined) {
    return {
      ...base,
      verdict: 'cannot-tell',
      reason: plan.cannot ?? open ?? 'nothing that decides was measured',
    };
  }
  return { ...base, verdict: 'confirmed' };
}

/** The greatest value of all ok trials. */
function mostOf(
  { scenario, workload, metric }: AtLeastPlan,
  { topologies }: RunSummary,
): { most: number | null; unit?: string; reason?: string } {
  const found = topologies
    .flatMap(({ scenarios }) => scenarios)
    .find(({ id, arm }) => id === scenario && !arm);
  if (!found) return { most: null, reason: `${scenario} is not in this run` };
  if (found.status === 'unsupported') return { most: null, reason: `${scenario} is not supported here` };
  const figure = found.workloads
    .find(({ id }) => id === workload)
    ?.metrics.find(({ name }) => name === metric);
  return figure
    ? { most: figure.max, unit: figure.unit }
    : { most: null, reason: `${scenario} has no ${workload} ${metric} in this run` };
}

/** Said wherever verdicts stand. */
export const literatureLegend =
  `A statement is confirmed or refuted where the whole ${confidenceText(leastConfidence)} interval lies on one side of the bound that is named; ` +
  'on another machine it may come out otherwise, and theirs was another.';
