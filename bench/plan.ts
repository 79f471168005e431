import { driverById } from '../drivers/registry.ts';
import type { Plan, ScenarioPlan } from '../results/schema.ts';
import { seededRandom, shuffled } from './random.ts';

/** One trial to come. */
export interface PlannedTrial {
  readonly block: number;
  readonly order: number;
  readonly chain: number;
  readonly scenario: string;
  readonly workload: string;
}

type ReadyScenario = Extract<ScenarioPlan, { status: 'ready' }>;

export function readyScenarios(plan: Plan): ReadyScenario[] {
  return plan.scenarios.filter((scenario): scenario is ReadyScenario => scenario.status === 'ready');
}

/**
 * Every trial of a run in its order; the same plan gives the same list, so that a resumed run goes on where it was.
 *
 * A block is one pass over all scenarios and workloads. It is cut into chains: one workload on one topology, in which
 * the baseline comes first, last and between any two scenarios (B S₁ B S₂ B). Each scenario's trial so has the baseline
 * as its neighbour on both sides, which cancels drift to first order at two trials per comparison, where ABBA needs
 * four. Chains are in random order within the block, and scenarios within the chain.
 */
export function planTrials(plan: Plan): PlannedTrial[] {
  const random = seededRandom(plan.seed);
  const trials: PlannedTrial[] = [];
  const add = (block: number, chain: number, scenario: string, workload: string) =>
    trials.push({ block, order: trials.length, chain, scenario, workload });

  const firstWorkload = plan.workloads[0];
  if (firstWorkload) {
    const everyScenario = chainGroups(plan).flatMap((group) => [...group.baseline, ...group.others]);
    for (const scenario of new Set(everyScenario)) add(-1, 0, scenario, firstWorkload.id);
  }
  for (let block = 0; block < plan.blocks; block++) {
    const chains = plan.workloads.flatMap((workload) =>
      chainGroups(plan).map((group) => ({ workload, group })),
    );
    shuffled(chains, random).forEach(({ workload, group }, chain) => {
      const allowed = (id: string) =>
        !plan.exclusions?.some((each) => each.scenario === id && each.workload === workload.id);
      const baseline = group.baseline.filter(allowed);
      for (const scenario of shuffled(group.others.filter(allowed), random)) {
        for (const id of baseline) add(block, chain, id, workload.id);
        add(block, chain, scenario, workload.id);
      }
      for (const id of baseline) add(block, chain, id, workload.id);
    });
  }
  return trials;
}

interface ChainGroup {
  readonly baseline: readonly string[];
  readonly others: readonly string[];
}

/**
 * The scenarios that may stand in one chain: those of one topology, save that pairs which claim a shared parent
 * interface in different ways can't be up together and so get chains of their own.
 */
function chainGroups(plan: Plan): ChainGroup[] {
  const groups = new Map<string, { baseline: string[]; others: string[] }>();
  const ready = readyScenarios(plan);
  const topologies = [...new Set(ready.map((scenario) => scenario.topology))];
  for (const topology of topologies) {
    const here = ready.filter((scenario) => scenario.topology === topology);
    const baseline = here.filter((scenario) => scenario.isBaseline).map((scenario) => scenario.id);
    const kinds = [...new Set(here.map(parentClaim).filter((claim) => claim !== undefined))];
    const first = kinds[0];
    for (const scenario of here) {
      if (scenario.isBaseline) continue;
      const claim = parentClaim(scenario) ?? first ?? '';
      const key = `${topology} ${claim}`;
      const group = groups.get(key) ?? { baseline, others: [] };
      group.others.push(scenario.id);
      groups.set(key, group);
    }
    if (!here.some((scenario) => !scenario.isBaseline)) groups.set(topology, { baseline, others: [] });
  }
  return [...groups.values()];
}

/** What a scenario occupies on an interface that others may want too; undefined where it has its own. */
export function parentClaim(scenario: ReadyScenario): string | undefined {
  const kind = driverById(scenario.driver)?.parentKind;
  const parent = scenario.options.parent ?? (scenario.topology === 'cross-host' ? 'underlay' : undefined);
  return kind && parent ? `${kind} on ${parent}` : undefined;
}
