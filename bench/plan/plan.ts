import { driverById } from '../../drivers/registry.ts';
import { matchArms } from '../../results/match-arms.ts';
import type { Arm, Plan, ScenarioPlan } from '../../results/schema.ts';
import { type Random, seededRandom, shuffled } from '../../results/statistics/random.ts';
import { workloadTraitsOf } from '../../results/traits-of.ts';

/** One trial to come. */
export interface PlannedTrial {
  readonly block: number;
  readonly order: number;
  readonly chain: number;
  readonly scenario: string;
  readonly workload: string;
  readonly arm?: Arm;
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
 * four. Chains are in random order within the block, and scenarios within the chain; those at equal load come last,
 * since the block's other trials tell what the load is.
 */
export function planTrials(plan: Plan): PlannedTrial[] {
  const random = seededRandom(plan.seed);
  const trials: PlannedTrial[] = [];
  const firstWorkload = plan.workloads[0];
  if (firstWorkload) {
    for (const { id, arm } of readyScenarios(plan)) {
      const trial = { block: -1, order: trials.length, chain: 0, scenario: id, workload: firstWorkload.id };
      trials.push(arm ? { ...trial, arm } : trial);
    }
  }
  const isLive = readyScenarios(plan).some((scenario) => scenario.arm !== undefined);
  const isAtEqualLoad = ({ workload }: Chain) => workloadTraitsOf(plan, workload).atEqualLoadOf !== undefined;
  for (let block = 0; block < plan.blocks; block++) {
    const workloads = plan.workloads.filter(({ everyBlocks = 1 }) => block % everyBlocks === 0);
    const chains = (isLive ? armChains : baselineChains)({ ...plan, workloads }, random);
    const mixed = shuffled(chains, random);
    const [last, first] = [mixed.filter(isAtEqualLoad), mixed.filter((each) => !isAtEqualLoad(each))];
    for (const [chain, { workload, links }] of [...first, ...last].entries()) {
      for (const link of links) trials.push({ block, order: trials.length, chain, workload, ...link });
    }
  }
  return trials;
}

/** Trials that stand side by side: one workload, alternating between what is compared. */
interface Chain {
  readonly workload: string;
  readonly links: readonly { readonly scenario: string; readonly arm?: Arm }[];
}

/** B S₁ B S₂ … B for every workload and group of scenarios. */
function baselineChains(plan: Plan, random: Random): Chain[] {
  return plan.workloads.flatMap(({ id: workload }) =>
    chainGroups(plan).map((group) => {
      const isAllowed = (id: string) => isMeasured(plan, id, workload);
      const baseline = group.baseline.filter(isAllowed).map((scenario) => ({ scenario }));
      const others = shuffled(group.others.filter(isAllowed), random);
      return { workload, links: [...baseline, ...others.flatMap((scenario) => [{ scenario }, ...baseline])] };
    }),
  );
}

/** How often each arm stands in a chain: base head base head base, or the other way round. */
const alternations = 2;

/** One chain for every workload and matched pair of scenarios; which arm stands outside is decided by coin. */
function armChains(plan: Plan, random: Random): Chain[] {
  const ready = readyScenarios(plan);
  const idsOf = (arm: Arm) => ready.filter((scenario) => scenario.arm === arm).map((scenario) => scenario.id);
  return plan.workloads.flatMap(({ id: workload }) =>
    matchArms(plan.scenarios, idsOf('head'), idsOf('base')).flatMap(({ head, base }) => {
      if (!head || !base || !isMeasured(plan, head, workload) || !isMeasured(plan, base, workload)) return [];
      const [outer, inner]: [Chain['links'][number], Chain['links'][number]] =
        random() < 0.5
          ? [
              { scenario: base, arm: 'base' },
              { scenario: head, arm: 'head' },
            ]
          : [
              { scenario: head, arm: 'head' },
              { scenario: base, arm: 'base' },
            ];
      return [
        { workload, links: [outer, ...Array.from({ length: alternations }, () => [inner, outer]).flat()] },
      ];
    }),
  );
}

function isMeasured(plan: Plan, scenario: string, workload: string): boolean {
  return !plan.exclusions?.some((each) => each.scenario === scenario && each.workload === workload);
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
    const first = here.map(parentClaim).find((claim) => claim !== undefined);
    for (const scenario of here) {
      if (scenario.isBaseline) continue;
      const claim = parentClaim(scenario) ?? first;
      const key = [topology, claim?.kind, claim?.parent].join(' ');
      const group = groups.get(key) ?? { baseline, others: [] };
      group.others.push(scenario.id);
      groups.set(key, group);
    }
    if (!here.some((scenario) => !scenario.isBaseline)) groups.set(topology, { baseline, others: [] });
  }
  return [...groups.values()];
}

/** An interface that several scenarios may want, and how one of them occupies it. */
export interface ParentClaim {
  readonly kind: string;
  readonly parent: string;
}

/** What a scenario occupies on an interface that others may want too; undefined where it has its own. */
export function parentClaim(scenario: ReadyScenario): ParentClaim | undefined {
  const kind = driverById(scenario.driver)?.parentKind;
  const parent = scenario.options.parent ?? (scenario.topology === 'cross-host' ? 'underlay' : undefined);
  return kind && parent ? { kind, parent } : undefined;
}
