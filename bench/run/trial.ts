import { programsOf } from '../../results/foreign-load.ts';
import { inWords, type TrialReason } from '../../results/reasons.ts';
import type { Placement, Plan, Trial, Witness } from '../../results/schema.ts';
import type { Pair } from '../pair/pair.ts';
import type { PlannedTrial } from '../plan/plan.ts';
import type { WatchPath } from '../witness/path-watcher.ts';
import type { Outcome, TrialSettings, Workload } from '../workloads/workload.ts';
import type { CpuMeter, MachineUse } from './cpu-meter.ts';
import { PlacementWatch } from './placement.ts';
import { type Standstill, StandstillWatch, standstillReason, type TrialTimes } from './standstill.ts';

export interface TrialContext {
  readonly plan: Pick<Plan, 'maxStealShare' | 'maxForeignCpuShare' | 'maxStandstillSeconds'>;
  readonly meter: CpuMeter;
  readonly watch?: WatchPath;
}

export interface FinishedTrial {
  readonly trial: Trial;
  /** The tool's own output. */
  readonly raw: string;
}

/**
 * The settings of one workload under a plan.
 * @param equalLoadBitsPerSecond of a workload at equal load, where that is known
 */
export function settingsOf(
  plan: Plan,
  workloadId: string,
  cores: number,
  equalLoadBitsPerSecond?: number,
): TrialSettings {
  const planned = plan.workloads.find((each) => each.id === workloadId);
  if (!planned) throw new Error(`${workloadId} is not in the plan`);
  return {
    durationSeconds: planned.durationSeconds,
    omitSeconds: planned.omitSeconds,
    cores,
    offeredBitsPerSecond: plan.offeredBitsPerSecond,
    ...(equalLoadBitsPerSecond === undefined ? {} : { equalLoadBitsPerSecond }),
  };
}

/** Runs one trial. Whatever goes wrong in it becomes part of the record; it never throws for the tool's failures. */
export async function runTrial(
  planned: PlannedTrial,
  pair: Pair,
  workload: Workload,
  settings: TrialSettings,
  context: TrialContext,
): Promise<FinishedTrial> {
  const prepared = (await workload.prepare?.(pair)) ?? [];
  const startedAt = new Date().toISOString();
  const startedMillis = performance.now();
  const unwatch = workload.usesOtherContainers ? undefined : await context.watch?.(pair, workload);
  // A watch that is never ended takes this trial's traffic for the background of the next one.
  const giveUp = async () => void (await unwatch?.({}).catch(() => undefined));
  let outcome: Outcome;
  let use: MachineUse;
  let toolSeconds: number;
  let standstill: Standstill;
  let placement: Placement | undefined;
  try {
    const stopMeter = await context.meter.start([pair.serverSide, pair.clientSide]);
    const watch = new StandstillWatch();
    const places = watchPlaces(pair, workload, context.meter);
    const toolMillis = performance.now();
    try {
      outcome = await workload.measure(pair, settings);
      toolSeconds = (performance.now() - toolMillis) / 1000;
      use = await stopMeter();
    } finally {
      standstill = watch.stop();
      placement = places?.stop();
    }
  } catch (error) {
    await giveUp();
    throw error;
  }
  const wallSeconds = (performance.now() - startedMillis) / 1000;
  const base = {
    ...planned,
    generation: pair.generation,
    startedAt,
    wallSeconds,
  };
  if (outcome.type === 'failed') {
    await giveUp();
    const trial: Trial = {
      ...base,
      measuredSeconds: 0,
      warnings: [],
      status: 'failed',
      reason: outcome.reason,
    };
    return { trial, raw: outcome.raw };
  }
  const witnessedBytes = outcome.ownPayloadBytes ?? outcome.payloadBytes;
  const witness = await unwatch?.({
    ...(witnessedBytes === undefined ? {} : { payloadBytes: witnessedBytes }),
    ...(outcome.transactions === undefined ? {} : { transactions: outcome.transactions }),
  });
  const figures = {
    ...base,
    measuredSeconds: outcome.measuredSeconds ?? settings.durationSeconds + settings.omitSeconds,
    warnings: [...prepared, ...outcome.warnings],
    metrics: [...outcome.metrics],
    cpu: use.cpu,
    ...(use.foreign.length > 0 ? { foreignCpu: use.foreign } : {}),
    ...(placement ? { placement } : {}),
    ...(outcome.histogram ? { histogram: outcome.histogram } : {}),
    ...(outcome.timeline ? { timeline: outcome.timeline } : {}),
    ...(outcome.payloadBytes === undefined ? {} : { payloadBytes: outcome.payloadBytes }),
    ...(outcome.transactions === undefined ? {} : { transactions: outcome.transactions }),
    ...(witness ? { witness } : {}),
  };
  const reason = invalidReason(planned.scenario, context.plan, use, witness, {
    standstill,
    askedSeconds: settings.durationSeconds + settings.omitSeconds,
    measuredSeconds: outcome.measuredSeconds,
    wallSeconds: toolSeconds,
    endsByCount: workload.endsByCount === true,
  });
  const trial: Trial =
    reason === undefined ? { ...figures, status: 'ok' } : { ...figures, status: 'invalid', reason };
  return { trial, raw: outcome.raw };
}

/** Where both ends are in containers on this machine, and alone at work in them. */
function watchPlaces(pair: Pair, workload: Workload, meter: CpuMeter): PlacementWatch | undefined {
  const { server, client } = pair.wiring;
  if (workload.usesOtherContainers || server.type !== 'container' || client.type !== 'container')
    return undefined;
  if (![pair.serverSide, pair.clientSide].every((side) => meter.isHere(side))) return undefined;
  return new PlacementWatch({ server: server.container.id, client: client.container.id });
}

// The only rules that set a measured trial aside; all are declared in the plan before the run.
function invalidReason(
  scenario: string,
  plan: TrialContext['plan'],
  { cpu, foreign }: MachineUse,
  witness: Witness | undefined,
  times: TrialTimes,
): TrialReason | undefined {
  // First, because counters that were read late refute a path for no fault of its own.
  const stoodStill = standstillReason(plan, times);
  if (stoodStill) return stoodStill;
  if (witness?.verdict === 'refuted') return refutedReason(scenario, witness);
  for (const machine of cpu) {
    const share = machine.stealSeconds / (machine.wallSeconds * machine.cores);
    if (share > plan.maxStealShare) {
      return { code: 'cpu-stolen', share, allowedShare: plan.maxStealShare };
    }
  }
  const { maxForeignCpuShare = 1 } = plan;
  const loaded = foreign.find(({ share }) => share > maxForeignCpuShare);
  if (loaded) {
    return {
      code: 'foreign-load',
      share: loaded.share,
      allowedShare: maxForeignCpuShare,
      programs: programsOf(loaded.top, wallSecondsOf(cpu, loaded.machine)),
    };
  }
  return undefined;
}

/** Why a trial does not count whose witness refuted its path. */
export function refutedReason(scenario: string, { refutedBy, summary }: Witness): TrialReason {
  return refutedBy ? { code: 'other-path', scenario, ...refutedBy } : inWords(summary);
}

const wallSecondsOf = (cpu: MachineUse['cpu'], machine: string): number =>
  cpu.find((each) => each.machine === machine)?.wallSeconds ?? 0;

/** A trial that never ran because its pair could not be set up, or an engine had gone. */
export function failedTrial(
  planned: PlannedTrial,
  generation: number,
  reason: TrialReason,
): Extract<Trial, { status: 'failed' }> {
  return {
    ...planned,
    generation,
    startedAt: new Date().toISOString(),
    wallSeconds: 0,
    measuredSeconds: 0,
    warnings: [],
    status: 'failed',
    reason,
  };
}
