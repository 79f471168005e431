import { gives, type NeedId } from './advice-needs.ts';
import { scenarioIn } from './claims-measured.ts';
import { isCounted } from './clock.ts';
import { scenarioId, type Topology } from './scenario.ts';
import type { Metric } from './schema.ts';
import type { Estimate, MeasuredScenario, MetricSummary, RunSummary } from './summary.ts';
import { type Contender, costsAtMost, tiedWithFirst } from './ties.ts';
import type { CostMeasure, KnownNetwork, NetworkTraits } from './traits.ts';
import { answersTo, traitsOf } from './traits-of.ts';

/** A network that gives all that is needed, with what the run says it costs. */
export interface AdvisedNetwork {
  readonly scenario: string;
  readonly driver: string;
  readonly median: number;
  readonly unit: Metric['unit'];
  readonly better: Metric['better'];
  /** Cost against the topology's baseline; absent for the baseline itself. */
  readonly cost?: Estimate;
  /** Set where it is one of several of which the run cannot tell which is the cheapest. */
  readonly isTied: boolean;
  /** Whether counters proved its path in every trial, in some, or in none. */
  readonly proof: 'proven' | 'partly' | 'unproven';
  readonly givesUp: readonly string[];
}

export interface Advice {
  readonly needs: readonly NeedId[];
  readonly topology: Topology;
  readonly run: string;
  readonly measure: CostMeasure;
  /** The figure that stands for the measure here; absent where no network that qualifies has one. */
  readonly figure?: { readonly workload: string; readonly metric: string; readonly baseline?: string };
  /** From cheap to dear by the run's own estimates. */
  readonly networks: readonly AdvisedNetwork[];
  /** The most that any of those that tie may cost, by their intervals; absent where none tie, or one has no interval. */
  readonly tiedCostAtMost?: number;
  /** Networks that qualify but have no figure in this run, with the reason. */
  readonly unmeasured: readonly { readonly scenario: string; readonly reason: string }[];
}

/**
 * The networks that give all of the needs, ordered by their measured cost. From the run's figures alone: a network
 * without one is named with the reason and ranked nowhere.
 * @param known networks that can be had, whether or not they are in the run
 */
export function advise(
  summary: RunSummary,
  needs: readonly NeedId[],
  measure: CostMeasure,
  known: readonly KnownNetwork[],
): Advice {
  const topology: Topology = needs.includes('multi-host') ? 'cross-host' : 'same-host';
  const base = { needs, topology, run: summary.run.id, measure };
  const qualifying = candidates(summary, topology, known).flatMap(({ driver, traits }) => {
    // What has no container can't be advised for one.
    const isFit =
      traits.stack !== 'machine' && needs.every((need) => need === 'multi-host' || gives[need](traits));
    return isFit ? [{ driver, givesUp: traits.givesUp, scenario: scenarioId(topology, driver) }] : [];
  });
  if (summary.run.emulated) {
    const reason = isCounted(summary.run)
      ? 'this run is in counted time, which ranks paths by their length and no network by its speed'
      : 'this run was made under an emulated kernel: its figures rank nothing';
    return { ...base, networks: [], unmeasured: qualifying.map(({ scenario }) => ({ scenario, reason })) };
  }
  const figure = answersTo(summary.run.plan, measure).find(({ workload, metric }) =>
    qualifying.some(({ scenario }) => metricOf(summary, scenario, workload, metric)),
  );
  const unmeasured: { scenario: string; reason: string }[] = [];
  const found: Ranked[] = [];
  for (const { driver, givesUp, scenario: id } of qualifying) {
    const scenario = scenarioIn(summary, id);
    const metric = figure && metricOf(summary, id, figure.workload, figure.metric);
    const isBaseline = scenario?.isBaseline === true;
    if (!scenario || scenario.status === 'unsupported' || !metric || (!metric.overhead && !isBaseline)) {
      unmeasured.push({ scenario: id, reason: reasonOf(summary, id, measure) });
      continue;
    }
    const { median, unit, better, overhead } = metric;
    found.push({
      metric,
      isBaseline,
      network: {
        scenario: id,
        driver,
        median,
        unit,
        better,
        ...(overhead && !isBaseline && { cost: overhead }),
        proof: proofOf(scenario),
        givesUp,
      },
    });
  }
  found.sort((a, b) => costOf(a) - costOf(b));
  const tied = tiedWithFirst(found);
  const tiedCostAtMost = tied.length > 1 ? costsAtMost(tied) : undefined;
  const baseline = summary.topologies.find((each) => each.topology === topology)?.baseline;
  return {
    ...base,
    ...(figure && {
      figure: { ...figure, ...(baseline !== undefined && { baseline }) },
    }),
    networks: found.map((each) => ({
      ...each.network,
      isTied: tied.length > 1 && tied.includes(each),
    })),
    ...(tiedCostAtMost !== undefined && { tiedCostAtMost }),
    unmeasured,
  };
}

/** The known networks of a topology and those that the run planned besides, with the traits that they had in the run. */
function candidates(
  summary: RunSummary,
  topology: Topology,
  known: readonly KnownNetwork[],
): { driver: string; traits: NetworkTraits }[] {
  const found = new Map(
    known.filter((each) => each.topology === topology).map(({ driver, traits }) => [driver, traits]),
  );
  for (const plan of summary.run.plan.scenarios) {
    const traits = plan.topology === topology ? traitsOf(plan) : undefined;
    if (traits) found.set(plan.driver, traits);
  }
  return [...found].map(([driver, traits]) => ({ driver, traits }));
}

interface Ranked extends Contender {
  readonly network: Omit<AdvisedNetwork, 'isTied'>;
}

const costOf = ({ network }: Ranked): number => network.cost?.estimate ?? 0;

function metricOf(
  summary: RunSummary,
  id: string,
  workload: string,
  metric: string,
): MetricSummary | undefined {
  const scenario = scenarioIn(summary, id);
  if (scenario?.status !== 'ok') return undefined;
  return scenario.workloads
    .find((each) => each.id === workload)
    ?.metrics.find((each) => each.name === metric);
}

function reasonOf(summary: RunSummary, id: string, measure: CostMeasure): string {
  const scenario = scenarioIn(summary, id);
  if (!scenario) return 'not in this run';
  if (scenario.status === 'unsupported') return `not supported here: ${scenario.reason}`;
  if (scenario.status !== 'ok') return scenario.reason ?? `it is ${scenario.status}`;
  return `no figure for ${measure} that was compared with a baseline`;
}

function proofOf({ witness }: MeasuredScenario): AdvisedNetwork['proof'] {
  if (witness.proven === 0) return 'unproven';
  return witness.unobserved + witness.absent + witness.refuted === 0 ? 'proven' : 'partly';
}
