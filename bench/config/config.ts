import { Failure } from '../../results/failure.ts';
import type { GateOptions } from '../../results/gate.ts';
import type { Topology } from '../../results/scenario.ts';
import { type Recipe, recipeOfWord } from '../machine/recipe.ts';
import type { ConfigFile } from './config-file.ts';
import type { Flags } from './flags.ts';
import { gateOptions } from './gate-config.ts';
import { type Profile, type ProfileName, profileOf } from './profiles.ts';
import { type SweepKind, sweptByDefault } from './sweep-kinds.ts';

/** What a run is told, settled: flags went before the file, the file before the profile and the defaults. */
export interface Config {
  readonly profileName: ProfileName;
  readonly profile: Profile;
  /** Patterns; none: every scenario. */
  readonly scenarios: readonly string[];
  /** Patterns of what is measured in every block. */
  readonly workloads: readonly string[];
  /** Patterns of what is measured in one block of each generation only. */
  readonly occasional: readonly string[];
  /** Whether these were asked for; else they come with the profile. */
  readonly isOccasionalAsked: boolean;
  readonly sweep: SweepKind | undefined;
  readonly equalLoad: boolean;
  /** Scenario ids that stand in for `host` as the baseline of their topology. */
  readonly baselines: Readonly<Partial<Record<Topology, string | undefined>>>;
  /** Absent where the kind of run decides. */
  readonly blocks: number | undefined;
  readonly durationSeconds: number;
  readonly omitSeconds: number;
  /** Of the order of trials; drawn where absent. */
  readonly seed: number | undefined;
  readonly offeredBitsPerSecond: number;
  /** Shares of CPU time, 0 to 1, beyond which a trial is invalid; of other programs' none is where absent. */
  readonly maxStealShare: number;
  readonly maxForeignCpuShare: number | undefined;
  /** By URL: none (the reachable one, else a private one), one or two. */
  readonly engines: readonly string[];
  /** Nodes of the lab that was asked for by name. */
  readonly lab: number | undefined;
  /** Of the counted machine to measure in; absent where the clock on the wall is read. */
  readonly machine: Recipe | undefined;
  readonly subnets: string | undefined;
  readonly underlay: string | undefined;
  readonly label: string;
  /** The run's own folder; one of the usual ones where absent. */
  readonly out: string | undefined;
  /** How a live comparison is judged. */
  readonly gate: GateOptions;
}

/**
 * Settles what flags and a file said, each of which has been checked.
 * @throws Failure `usage` for patterns of the gate's that mean nothing
 */
export function resolveConfig(flags: Flags, file: ConfigFile = {}): Config {
  const said = { ...file, ...flags };
  const profileName = (said.profile ?? 'quick') as ProfileName;
  const profile = profileOf(profileName);
  const usual = said.sweep ? [sweptByDefault] : profile.workloads;
  // A profile's come with the profile's own workloads alone.
  const usualOccasional = said.workloads || said.sweep ? [] : (profile.occasional ?? []);
  return {
    profileName,
    profile,
    scenarios: said.scenarios ?? [],
    workloads: said.workloads ?? usual,
    occasional: said.occasional ?? usualOccasional,
    isOccasionalAsked: (said.occasional?.length ?? 0) > 0,
    sweep: said.sweep,
    equalLoad: said.equalLoad ?? false,
    baselines: said.baselines ?? {},
    blocks: said.blocks,
    durationSeconds: said.duration ?? profile.durationSeconds,
    omitSeconds: said.omit ?? profile.omitSeconds,
    seed: said.seed,
    offeredBitsPerSecond: said.offeredBitsPerSecond ?? 200e6,
    maxStealShare: said.maxStealShare ?? 0.2,
    maxForeignCpuShare: said.maxForeignCpuShare ?? profile.maxForeignCpuShare,
    engines: said.engines ?? [],
    lab: said.lab,
    machine: machineOf(said),
    subnets: said.subnets,
    underlay: said.underlay,
    label: said.label ?? '',
    out: said.out,
    gate: gateOptions({}, said.gate),
  };
}

function machineOf({ machine, engines, lab }: ConfigFile | Flags): Recipe | undefined {
  if (machine === undefined) return undefined;
  if (engines || lab !== undefined) {
    throw new Failure(
      'usage',
      'a counted machine has engines of its own, so neither engines nor a lab can be named with it',
      'Leave --engine and --lab away, or --machine.',
    );
  }
  return typeof machine === 'string' ? recipeOfWord(machine) : machine.counted;
}
