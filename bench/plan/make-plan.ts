import { traitsOn } from '../../drivers/registry.ts';
import { Failure } from '../../results/failure.ts';
import { type Scenario, topologies } from '../../results/scenario.ts';
import type { Arm, Plan, ScenarioPlan } from '../../results/schema.ts';
import { looks } from '../../results/statistics/sequential.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import type { Config } from '../config/config.ts';
import type { Profile } from '../config/profiles.ts';
import { selectIds, selectScenarios } from '../config/selection.ts';
import type { Readiness } from '../site/preflight.ts';
import { kinds } from '../workloads/metrics.ts';
import { workloadById, workloads } from '../workloads/registry.ts';
import type { Workload } from '../workloads/workload.ts';
import { sweepWish } from './parameter-sweep.ts';
import type { Wish } from './wish.ts';

/**
 * Resolves patterns to scenarios and workloads; each topology's baseline joins in where it was not named.
 * @throws Failure `usage` for what names nothing
 */
export function makeWish(config: Config): Wish {
  const asked = selectScenarios(config.scenarios);
  const baselines = Object.fromEntries(
    topologies
      .filter((topology) => asked.some((scenario) => scenario.topology === topology))
      .map((topology) => [topology, config.baselines[topology] ?? `${topology}/host`]),
  );
  const missing = Object.values(baselines).filter((id) => !asked.some((scenario) => scenario.id === id));
  const chosen = withFirstPass(
    selectWorkloads([
      ...config.workloads,
      ...(config.equalLoad ? workloads.filter(isAtEqualLoad).map(({ id }) => id) : []),
    ]),
  );
  const occasional = selectWorkloads(config.occasional).filter(
    ({ id }) => !chosen.some((each) => each.id === id),
  );
  const wish = {
    scenarios: [...missing.flatMap((id) => selectScenarios([id])), ...asked],
    workloads: [...chosen, ...occasional],
    occasional: occasional.map(({ id }) => id),
    baselines,
  };
  return config.sweep ? sweepWish(wish, config.sweep) : wish;
}

/** Trials at equal load need others before them that tell what the load is. */
function withFirstPass(chosen: readonly Workload[]): readonly Workload[] {
  const tellers = new Set(chosen.flatMap(({ traits }) => traits?.atEqualLoadOf ?? []));
  const missing = [...tellers].filter((teller) => !chosen.some(({ id }) => id === teller));
  return [...missing.flatMap((teller) => workloadById(teller) ?? []), ...chosen];
}

const isAtEqualLoad = ({ traits }: Workload) => traits?.atEqualLoadOf !== undefined;

/** Patterns over the registry's ids in its order, then variants that are named outright (`tcp-stream@size=1024`). */
function selectWorkloads(patterns: readonly string[]): Workload[] {
  const known = workloads.map((workload) => workload.id);
  const variants = patterns.flatMap((id) => (known.includes(id) ? [] : (workloadById(id) ?? [])));
  const globs = patterns.filter((pattern) => !variants.some(({ id }) => id === pattern));
  const chosen = selectIds('workload', globs, known);
  const unique = new Map(variants.map((variant) => [variant.id, variant]));
  return [...workloads.filter(({ id }) => chosen.includes(id)), ...unique.values()];
}

/**
 * The wish of a live comparison: the scenarios of both arms, each with its topology's baseline as negative control.
 * @param arms the scenario patterns of each arm
 */
export function makeLiveWish(config: Config, arms: Readonly<Record<Arm, readonly string[]>>): Wish {
  if (config.isOccasionalAsked) {
    throw new Failure(
      'usage',
      'a live comparison measures every workload in every block',
      'Name the workloads with --workload, or leave --arm out.',
    );
  }
  const base = makeWish({ ...config, occasional: [], scenarios: [...arms.base] });
  const head = makeWish({ ...config, occasional: [], scenarios: [...arms.head] });
  const scenarios = [
    ...base.scenarios.map((scenario) => ({ ...scenario, arm: 'base' as const })),
    ...head.scenarios.map((scenario) => ({ ...scenario, arm: 'head' as const })),
  ];
  return { ...base, scenarios, baselines: { ...base.baselines, ...head.baselines } };
}

/** Only iperf3 can bound TCP's segments: another workload would measure plain host networking under that name. */
function withoutSegments(scenario: Scenario, workload: Workload): string | undefined {
  return scenario.options.mss === undefined || workload.metrics.some(({ name }) => name === kinds.mss.name)
    ? undefined
    : 'The segment size is bounded for the TCP workloads of iperf3 only.';
}

/**
 * A timer of Tare's that is so late did not wait for CPU alone: with sixteen programs to two cores it is late by a tenth
 * of a second. Shorter stops hide in no figure, since the tools tell how long they measured.
 */
const maxStandstillSeconds = 3;

/** Blocks after which the containers of a live comparison are made anew. */
const liveBlocksPerGeneration = 8;

/** What a trial takes beside its measured second, and a pair to be made anew: as seen here, in seconds. */
const seconds = { besideTrial: 0.35, perPair: 3 };

/** Most blocks of a profile that fills its minutes: more would narrow no interval that anybody waits for. */
const mostBlocks = 60;

/** A profile's blocks, or as many as fit its minutes with these scenarios. */
function blocksOf(profile: Profile, scenarios: readonly ScenarioPlan[], workloads: number): number {
  if (profile.minutes === undefined) return profile.blocks;
  const ready = scenarios.flatMap((each) => (each.status === 'ready' ? [each] : []));
  const topologies = new Set(ready.map(({ topology }) => topology)).size;
  const compared = ready.filter(({ isBaseline }) => !isBaseline).length;
  const trial = profile.durationSeconds + profile.omitSeconds + seconds.besideTrial;
  const block = workloads * (2 * compared + topologies) * trial;
  const setUp = (ready.length * seconds.perPair) / profile.blocksPerGeneration;
  return Math.max(profile.blocks, Math.min(mostBlocks, Math.floor((60 * profile.minutes) / (block + setUp))));
}

/**
 * The plan of a run, once it is known what the engines can do.
 * @throws Failure `infrastructure` where no scenario is ready
 */
export function makePlan(
  wish: Wish,
  config: Config,
  readiness: (scenario: Scenario) => Readiness,
  seed: number,
): Plan {
  const { profile, maxForeignCpuShare } = config;
  const scenarios = wish.scenarios.map((scenario): ScenarioPlan => {
    const { id, topology, driver, arm } = scenario;
    const traits = traitsOn(scenario);
    const base = {
      id,
      topology,
      driver,
      options: { ...scenario.options },
      ...(traits ? { traits } : {}),
      ...(arm ? { arm } : {}),
    };
    const state = readiness(scenario);
    return state.type === 'ready'
      ? { ...base, status: 'ready', isBaseline: wish.baselines[topology] === id }
      : { ...base, status: 'unsupported', reason: state.reason };
  });
  const firstUnsupported = scenarios.find((scenario) => scenario.status === 'unsupported');
  if (
    scenarios.every((scenario) => scenario.status === 'unsupported') &&
    firstUnsupported?.status === 'unsupported'
  ) {
    throw new Failure(
      'infrastructure',
      `nothing can be measured here: ${firstUnsupported.id}: ${unsupportedText(firstUnsupported.reason)}`,
      unsupportedRemedy(firstUnsupported.reason),
    );
  }
  const exclusions = wish.scenarios.flatMap((scenario) =>
    wish.workloads.flatMap((workload) => {
      const traits = traitsOn(scenario);
      const reason =
        (traits && workload.unsupported?.(traits, scenario.options)) ?? withoutSegments(scenario, workload);
      return reason ? [{ scenario: scenario.id, workload: workload.id, reason }] : [];
    }),
  );
  const isLive = wish.scenarios.some((scenario) => scenario.arm !== undefined);
  const blocks =
    config.blocks ?? (isLive ? Math.max(...looks) : blocksOf(profile, scenarios, wish.workloads.length));
  const blocksPerGeneration = isLive ? liveBlocksPerGeneration : profile.blocksPerGeneration;
  return {
    profile: config.profileName,
    seed,
    blocks,
    blocksPerGeneration,
    ...(isLive ? { looks: [...looks.filter((look) => look < blocks), blocks] } : {}),
    scenarios,
    workloads: wish.workloads.map((workload) => ({
      id: workload.id,
      durationSeconds: config.durationSeconds,
      omitSeconds: config.omitSeconds,
      traits: workload.traits ?? {},
      ...(wish.occasional.includes(workload.id) ? { everyBlocks: blocksPerGeneration } : {}),
    })),
    ...(exclusions.length > 0 ? { exclusions } : {}),
    baselines: { ...wish.baselines },
    offeredBitsPerSecond: config.offeredBitsPerSecond,
    maxStealShare: config.maxStealShare,
    ...(maxForeignCpuShare === undefined ? {} : { maxForeignCpuShare }),
    maxStandstillSeconds,
  };
}
