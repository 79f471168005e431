import { equalLoadWorkload } from '../../results/cpu-metrics.ts';
import { describeFailure, Failure } from '../../results/failure.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { inWords } from '../../results/reasons.ts';
import type { Arm, Canary, PairFacts, Plan, Trial } from '../../results/schema.ts';
import type { RunWriter } from '../../results/store.ts';
import type { Pair } from '../pair/pair.ts';
import { type PairId, PairSet } from '../pair/pair-set.ts';
import { equalLoads } from '../plan/equal-load.ts';
import { type PlannedTrial, planTrials, readyScenarios } from '../plan/plan.ts';
import { allEngines, enginesOf, type Site } from '../site/site.ts';
import { SubnetPool } from '../site/subnets.ts';
import type { WatchPath } from '../witness/path-watcher.ts';
import type { Workload } from '../workloads/workload.ts';
import { Absence, type EngineGone } from './absence.ts';
import type { CpuMeter } from './cpu-meter.ts';
import type { Listener } from './events.ts';
import { TimeLeft } from './time-left.ts';
import { failedTrial, runTrial, settingsOf } from './trial.ts';

export interface RunnerOptions {
  readonly site: Site;
  readonly plan: Plan;
  readonly workloads: readonly Workload[];
  readonly writer: RunWriter;
  readonly meter: CpuMeter;
  readonly cores: number;
  readonly listener: Listener;
  /** Ends the run at once; the trial under way is not recorded. */
  readonly signal: AbortSignal;
  /** Trials that an earlier, interrupted part of this run has measured. */
  readonly earlier: readonly Trial[];
  /** Asked after each block, with all trials so far: whether the run may end here. */
  readonly isDecided?: (trials: readonly Trial[], blocks: number) => boolean;
  readonly watch?: WatchPath;
  /** What the canary of a watched pair showed; goes into the run's facts about the pair. */
  readonly canaryOf?: (pair: Pair) => Canary | undefined;
}

/**
 * Carries a plan out, trial by trial, and records each as it ends. Removes every pair it made, however it ends. Where an
 * engine goes, the trials on it fail and the others go on.
 * @returns `failed` where trials are wanting because an engine had gone: --resume measures them
 * @throws Failure `infrastructure` where no engine answers any more
 */
export async function carryOut(options: RunnerOptions): Promise<'finished' | 'interrupted' | 'failed'> {
  const { plan, site, writer, listener, signal } = options;
  const pool = await SubnetPool.of(site);
  const warn = (text: string) => listener({ type: 'warning', text });
  const pairs = new PairSet(site, pool, plan, options.workloads, writer.run.emulated, warn);
  const absence = new Absence();
  const all = planTrials(plan);
  const done = new Set(options.earlier.filter((trial) => !isWanting(trial)).map((trial) => trial.order));
  const todo = all.filter((trial) => !done.has(trial.order));
  const timeLeft = new TimeLeft(plan, todo);
  let generation = -1;
  let underWay: Promise<unknown> = Promise.resolve();
  let beingMade: Promise<unknown> = Promise.resolve();
  const measured: Trial[] = options.earlier.filter((trial) => !isWanting(trial));
  const interruption = new Promise<'interrupted'>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  try {
    for (const [index, planned] of todo.entries()) {
      if (signal.aborted) return 'interrupted';
      const wanted = Math.floor(Math.max(0, planned.block) / plan.blocksPerGeneration);
      if (wanted !== generation) {
        generation = wanted;
        listener({
          type: 'step',
          text: generation === 0 ? 'Setting up the pairs' : 'Making the containers anew',
        });
        await pairs.nextGeneration(generation);
        beingMade = pairs.prepare(pairsOf(plan, todo));
        beingMade.catch(() => undefined);
      }
      // The warm-up is discarded, so it may go on while other pairs are still being made; nothing else may.
      if (planned.block >= 0) await Promise.race([beingMade, interruption]);
      if (signal.aborted) return 'interrupted';
      const count = all.length - todo.length + index;
      listener({
        type: 'trial-started',
        trial: planned,
        done: count,
        total: all.length,
        secondsLeft: timeLeft.seconds(),
      });
      if (planned.workload === equalLoadWorkload) await noteEqualLoad(writer, measured);
      const trial = oneTrial(planned, pairs, absence, options);
      underWay = trial;
      // A trial that a person cuts short says nothing; --resume measures it again.
      const finished = await Promise.race([trial, interruption]);
      if (finished === 'interrupted') return finished;
      if (finished.raw) await writer.keepRaw(planned.order, finished.raw);
      await writer.append(finished.trial);
      measured.push(finished.trial);
      timeLeft.ended(finished.trial);
      listener({ type: 'trial-ended', trial: finished.trial, done: count + 1, total: all.length });
      if (isWanting(finished.trial)) await refuseAlone(site, absence);
      if (finished.pair)
        await noteFacts(writer, finished.pair, finished.trial.arm, options.canaryOf?.(finished.pair));
      const blockEnds = planned.block >= 0 && todo[index + 1]?.block !== planned.block;
      if (blockEnds && options.isDecided?.(measured, planned.block + 1)) return 'finished';
    }
    return measured.some(isWanting) ? 'failed' : 'finished';
  } finally {
    await pairs.removeAll();
    // Its containers are gone, so an interrupted trial ends soon; it may have made its pair anew meanwhile.
    await Promise.allSettled([underWay, beingMade]);
    await pairs.removeAll();
  }
}

/** Whether a trial is in the record as one that an engine's absence took. */
export function isWanting(trial: Trial): boolean {
  return trial.status === 'failed' && trial.engineGone === true;
}

/** @throws Failure where no engine of the site is left to measure on */
async function refuseAlone(site: Site, absence: Absence): Promise<void> {
  const engines = allEngines(site);
  const reason = await absence.reason(engines);
  if (!reason || !absence.coversAll(engines)) return;
  const words = trialReasonText(reason);
  throw new Failure('infrastructure', `nothing is left to measure on: ${words}`, 'See that it runs again.');
}

/** The pairs that trials to come need, in the order of the plan. */
function pairsOf(plan: Plan, todo: readonly PlannedTrial[]): PairId[] {
  return readyScenarios(plan)
    .map(({ id, arm }) => ({ scenario: id, arm }))
    .filter((pair) => todo.some((trial) => trial.scenario === pair.scenario && trial.arm === pair.arm));
}

async function oneTrial(
  planned: PlannedTrial,
  pairs: PairSet,
  absence: Absence,
  options: RunnerOptions,
): Promise<{ trial: Trial; raw: string; pair?: Pair }> {
  const sides = sidesOf(planned, options);
  const gone = await absence.stillGone(sides);
  if (gone !== undefined) return { trial: wantingTrial(planned, pairs.generation, gone), raw: '' };
  const finished = await onPair(planned, pairs, options);
  if (finished.trial.status !== 'failed') return finished;
  // Why a trial failed on an engine that has gone is that, whatever the tool said.
  const lost = await absence.reason(sides);
  if (lost === undefined) return finished;
  await pairs.drop(planned);
  const { generation } = finished.trial;
  return {
    trial: wantingTrial(planned, generation, {
      ...lost,
      before: trialReasonText(finished.trial.reason),
    }),
    raw: finished.raw,
  };
}

function wantingTrial(planned: PlannedTrial, generation: number, reason: EngineGone): Trial {
  return { ...failedTrial(planned, generation, reason), engineGone: true };
}

/** The engines that a planned trial needs. */
function sidesOf(planned: PlannedTrial, { plan, site }: RunnerOptions) {
  const scenario = plan.scenarios.find(({ id }) => id === planned.scenario);
  const engines = scenario && enginesOf(site, scenario.topology);
  return engines ? [engines.server, engines.client] : [];
}

async function onPair(
  planned: PlannedTrial,
  pairs: PairSet,
  options: RunnerOptions,
): Promise<{ trial: Trial; raw: string; pair?: Pair }> {
  const state = await pairs.get(planned);
  if (state.type === 'failed') {
    return { trial: failedTrial(planned, pairs.generation, state.reason), raw: '' };
  }
  const workload = options.workloads.find((each) => each.id === planned.workload);
  if (!workload) throw new Error(`${planned.workload} is not a workload`);
  const settings = settingsOf(
    options.writer.run.plan,
    workload.id,
    options.cores,
    state.pair.scenario.topology,
  );
  try {
    const finished = await runTrial(planned, state.pair, workload, settings, options);
    // A server that a failed client left busy or dead must not fail the trials behind it: the pair is made anew.
    if (finished.trial.status === 'failed') await pairs.drop(planned);
    return { ...finished, pair: state.pair };
  } catch (error) {
    await pairs.drop(planned);
    return { trial: failedTrial(planned, pairs.generation, inWords(describeFailure(error))), raw: '' };
  }
}

/** Settles the rate of the trials at equal load, once, from what the trials before them carried. */
async function noteEqualLoad(writer: RunWriter, measured: readonly Trial[]): Promise<void> {
  const { plan } = writer.run;
  if (plan.equalLoadBitsPerSecond) return;
  await writer.update({ plan: { ...plan, equalLoadBitsPerSecond: equalLoads(plan, measured) } });
}

async function noteFacts(
  writer: RunWriter,
  pair: Pair,
  arm: Arm | undefined,
  canary: Canary | undefined,
): Promise<void> {
  const isKnown = writer.run.pairs.some(
    (each) => each.scenario === pair.scenario.id && each.arm === arm && each.generation === pair.generation,
  );
  if (isKnown) return;
  const facts: PairFacts = {
    scenario: pair.scenario.id,
    ...(arm === undefined ? {} : { arm }),
    generation: pair.generation,
    ...(pair.mtuBytes === undefined ? {} : { mtuBytes: pair.mtuBytes }),
    serverAddress: pair.serverAddress,
    path: [...pair.wiring.path],
    ...(canary ? { canary } : {}),
  };
  await writer.update({ pairs: [...writer.run.pairs, facts] });
}
