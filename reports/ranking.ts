import { isCounted } from '../results/clock.ts';
import { type CommonReason, oneReason, reasonKind } from '../results/reason-text.ts';
import type { Plan } from '../results/schema.ts';
import { median } from '../results/statistics/order.ts';
import type {
  MeasuredScenario,
  MetricSummary,
  RunSummary,
  ScenarioSummary,
  TopologySummary,
  WorkloadSummary,
} from '../results/summary.ts';
import { warningText, warningVariant } from '../results/warning-text.ts';
import { isNoted, type SummaryWarning, subjectOf } from '../results/warnings.ts';
import { countedMark } from './counted-prose.ts';
import { formatConfidence, hasInterval } from './format.ts';
import { topologyTitle } from './topology-title.ts';

/** All topologies of a run, as they are told: same host first. */
export function rankAll({ run, topologies }: RunSummary): RankedTopology[] {
  return topologies.map((each) => rankTopology(run, each));
}

/** What a table of one topology shows, in the order in which it shows it. */
export interface RankedTopology {
  readonly topology: TopologySummary['topology'];
  readonly title: string;
  readonly isCounted?: true;
  /** Display name of the baseline; absent where there is none. */
  readonly baselineName?: string;
  /** Workload that the order is by; absent where nothing was measured. */
  readonly sortedBy?: string;
  /** Workloads of which some scenario has a figure, in the order of the plan. */
  readonly workloads: readonly { readonly id: string; readonly metric: string }[];
  /** Baseline first, then from cheap to dear, then those that cannot be compared, then those without a figure. */
  readonly measured: readonly MeasuredScenario[];
  readonly unsupported: readonly Extract<ScenarioSummary, { status: 'unsupported' }>[];
}

/** Orders a topology's scenarios by what they cost in the first workload that was measured. */
function rankTopology(run: RunSummary['run'], summary: TopologySummary): RankedTopology {
  const measured = summary.scenarios.filter((scenario) => scenario.status !== 'unsupported');
  const workloads = workloadsOf(measured);
  const sortedBy = workloads.find((workload) =>
    measured.some((scenario) => headline(scenario, workload.id)?.overhead !== undefined),
  );
  const key = (scenario: MeasuredScenario): number => {
    if (scenario.isBaseline) return Number.NEGATIVE_INFINITY;
    if (scenario.status !== 'ok') return Number.MAX_VALUE;
    const overhead = sortedBy && headline(scenario, sortedBy.id)?.overhead;
    return overhead ? Math.min(overhead.estimate, 1e300) : 1e301;
  };
  const baseline = measured.find((scenario) => scenario.isBaseline);
  return {
    topology: summary.topology,
    title: `${topologyTitle(run, summary.topology)}${isCounted(run) ? `, ${countedMark}` : ''}`,
    ...(isCounted(run) && { isCounted: true as const }),
    ...(baseline ? { baselineName: scenarioName(baseline) } : {}),
    ...(sortedBy ? { sortedBy: sortedBy.id } : {}),
    workloads,
    measured: measured
      .map((scenario, index) => ({ scenario, index, key: key(scenario) }))
      .sort((a, b) => (a.key === b.key ? a.index - b.index : a.key < b.key ? -1 : 1))
      .map(({ scenario }) => scenario),
    unsupported: summary.scenarios.filter((scenario) => scenario.status === 'unsupported'),
  };
}

function workloadsOf(scenarios: readonly MeasuredScenario[]): RankedTopology['workloads'] {
  const found = new Map<string, string>();
  for (const scenario of scenarios) {
    for (const workload of scenario.workloads) {
      const metric = workload.metrics[0];
      if (metric && !found.has(workload.id)) found.set(workload.id, metric.name);
    }
  }
  return [...found].map(([id, metric]) => ({ id, metric }));
}

/** A scenario's id without its topology, with its arm where it has one: `overlay@mtu=9000 (head)`. */
export function scenarioName(scenario: Pick<ScenarioSummary, 'id' | 'arm'>): string {
  const name = scenario.id.replace(/^(?:same-host|cross-host)\//, '');
  return scenario.arm ? `${name} (${scenario.arm})` : name;
}

export function findWorkload(scenario: ScenarioSummary, workload: string): WorkloadSummary | undefined {
  return scenario.status === 'unsupported'
    ? undefined
    : scenario.workloads.find((candidate) => candidate.id === workload);
}

export function findMetric(
  scenario: ScenarioSummary,
  workload: string,
  metric: string,
): MetricSummary | undefined {
  return findWorkload(scenario, workload)?.metrics.find((candidate) => candidate.name === metric);
}

/** The metric that tables show of a workload: its first. */
export function headline(scenario: ScenarioSummary, workload: string): MetricSummary | undefined {
  return findWorkload(scenario, workload)?.metrics[0];
}

/**
 * The title of a workload's column: `dns queries`, or `dns queries [at 50 %]` where its intervals hold so little, so that
 * no cell need say it.
 */
export function columnTitle({ measured, workloads, isCounted }: RankedTopology, workload: string): string {
  const metric = workloads.find(({ id }) => id === workload)?.metric ?? '';
  const weak = measured.flatMap((scenario) => {
    const overhead = headline(scenario, workload)?.overhead;
    return overhead?.interval && !hasInterval(overhead) ? [overhead.interval.confidence] : [];
  });
  // In counted time two trials that agree are as good as twenty.
  const sure = weak.length > 0 && !isCounted ? ` [at ${formatConfidence(Math.min(...weak))}]` : '';
  return `${workload} ${metric}${isCounted ? ` (${countedMark})` : ''}${sure}`;
}

/** How sure the shown intervals are: the lowest confidence among them and the number of ratios behind it. */
export interface Certainty {
  readonly confidence: number;
  readonly n: number;
}

/** Workloads that a plan measures in some blocks only, and in one of how many. */
export function occasionalWorkloads(plan: Plan): { readonly id: string; readonly everyBlocks: number }[] {
  return plan.workloads.flatMap(({ id, everyBlocks = 1 }) => (everyBlocks > 1 ? [{ id, everyBlocks }] : []));
}

/** The weakest interval among the headline metrics of what every block measures; undefined where there is none. */
export function weakestInterval(ranked: readonly RankedTopology[], plan: Plan): Certainty | undefined {
  const occasional = occasionalWorkloads(plan);
  let weakest: Certainty | undefined;
  for (const { measured, workloads } of ranked) {
    for (const scenario of measured) {
      for (const { id } of workloads) {
        if (occasional.some((each) => each.id === id)) continue;
        const overhead = headline(scenario, id)?.overhead;
        if (overhead?.interval && (!weakest || overhead.interval.confidence < weakest.confidence)) {
          weakest = { confidence: overhead.interval.confidence, n: overhead.n };
        }
      }
    }
  }
  return weakest;
}

/** Fewest paired ratios whose exact Hodges–Lehmann interval can hold 95 %: 1 − 2·2⁻ⁿ ≥ 0.95. */
export const ratiosFor95Percent = 6;

/** A sentence for the header where an interval holds less than 95 %; undefined where none does. */
export function certaintyNote(ranked: readonly RankedTopology[], plan: Plan): string | undefined {
  if (ranked.some(({ isCounted }) => isCounted)) return undefined;
  const weakest = weakestInterval(ranked, plan);
  if (!weakest) {
    return ranked.some(({ sortedBy }) => sortedBy !== undefined)
      ? `one comparison each gives no interval; ${ratiosFor95Percent} or more (--blocks ${ratiosFor95Percent}) give one of 95 %`
      : undefined;
  }
  if (weakest.confidence >= 0.95) return undefined;
  const comparisons = `${weakest.n} ${weakest.n === 1 ? 'comparison allows' : 'comparisons allow'}`;
  return (
    `the weakest interval holds ${formatConfidence(weakest.confidence)} confidence, not 95 %: ` +
    `${comparisons} no more; ${ratiosFor95Percent} or more (--blocks ${ratiosFor95Percent}) reach 95 %`
  );
}

/** A sentence on the workloads that were measured in some blocks only; undefined where there is none. */
export function occasionalNote(plan: Plan): string | undefined {
  const occasional = occasionalWorkloads(plan);
  const [first] = occasional;
  if (!first) return undefined;
  const blocks = Math.ceil(plan.blocks / first.everyBlocks);
  const confidence = 1 - 2 ** (1 - blocks);
  const holds =
    blocks > 1 ? `their intervals hold ${formatConfidence(confidence)} at most` : 'they have no interval';
  return (
    `measured in ${blocks} of the ${plan.blocks} blocks only, so that ${holds}: ` +
    occasional.map(({ id }) => id).join(', ')
  );
}

/** What could have gone unseen of the networks of a topology in one workload: each has a noise floor of its own. */
export interface NoiseFloors {
  readonly workload: string;
  readonly median: number;
  readonly least: NetworkFloor;
  readonly most: NetworkFloor;
}

interface NetworkFloor {
  readonly network: string;
  readonly effect: number;
}

export function noiseFloors(ranked: RankedTopology): NoiseFloors[] {
  return ranked.workloads.flatMap(({ id }) => {
    const floors = ranked.measured
      .flatMap((scenario): NetworkFloor[] => {
        const effect = headline(scenario, id)?.noiseFloor?.effect;
        return effect === undefined ? [] : [{ network: scenarioName(scenario), effect }];
      })
      .sort((a, b) => a.effect - b.effect);
    const [least, most] = [floors[0], floors.at(-1)];
    if (!least || !most) return [];
    return [{ workload: id, median: median(floors.map(({ effect }) => effect)), least, most }];
  });
}

/** One warning and what else it holds for. */
export interface GroupedWarning {
  readonly text: string;
  /** Other subjects of warnings that differ from it only in subject and numbers: `same-host/bridge tcp-rr`. */
  readonly alike: readonly string[];
}

/** Warnings that differ only in what they are about and in their numbers become one. */
function groupWarnings(warnings: readonly SummaryWarning[]): GroupedWarning[] {
  const groups = new Map<string, { text: string; alike: string[] }>();
  for (const warning of warnings) {
    const subjects = subjectOf(warning);
    // What was noted of the run, and what is about no subject, stands for itself.
    const isAlone = isNoted(warning) || subjects.length === 0;
    const text = warningText(warning);
    const key = isAlone ? text : JSON.stringify([warning.code, subjects.length, warningVariant(warning)]);
    const group = groups.get(key);
    if (group) group.alike.push(subjects.join(' '));
    else groups.set(key, { text, alike: [] });
  }
  return [...groups.values()];
}

/** What a reader must know before any figure: warnings about the run as a whole, and a baseline that is no single figure. */
export function runWideWarnings({ warnings }: RunSummary): string[] {
  return warnings.filter(isRunWide).map(warningText);
}

const isRunWide = (warning: SummaryWarning) =>
  (!isNoted(warning) && subjectOf(warning).length === 0) ||
  (warning.code === 'two-modes' && warning.ofBaseline);

/** The warnings that neither `runWideWarnings` nor `losses` tells already. */
export function otherWarnings(summary: RunSummary): GroupedWarning[] {
  return groupWarnings(
    summary.warnings.filter((warning) => !isRunWide(warning) && warning.code !== 'lost-trials'),
  );
}

/** Trials that do not count for one reason, and where they were. */
export interface Loss extends CommonReason {
  readonly status: 'invalid' | 'failed';
  readonly count: number;
  readonly scenarios: readonly { readonly id: string; readonly count: number }[];
}

/** Trials that do not count, by reason. */
export function losses(summary: RunSummary): Loss[] {
  const byReason = new Map<
    string,
    CommonReason & { status: Loss['status']; scenarios: { id: string; count: number }[] }
  >();
  for (const { scenarios } of summary.topologies) {
    for (const scenario of scenarios) {
      if (scenario.status === 'unsupported') continue;
      for (const { status, count, ...common } of scenario.counts.reasons) {
        const key = `${status} ${reasonKind(common.reason)}`;
        const known = byReason.get(key);
        const scenarios = [...(known?.scenarios ?? []), { id: scenario.id, count }];
        byReason.set(key, { ...oneReason(known, common), status, scenarios });
      }
    }
  }
  return [...byReason.values()].map((loss) => ({
    ...loss,
    count: loss.scenarios.reduce((sum, { count }) => sum + count, 0),
  }));
}

/** Trials of the whole run by outcome. */
export function totalCounts(summary: RunSummary): { ok: number; invalid: number; failed: number } {
  const total = { ok: 0, invalid: 0, failed: 0 };
  for (const { scenarios } of summary.topologies) {
    for (const scenario of scenarios) {
      if (scenario.status === 'unsupported') continue;
      total.ok += scenario.counts.ok;
      total.invalid += scenario.counts.invalid;
      total.failed += scenario.counts.failed;
    }
  }
  return total;
}
