import { describeFailure, Failure } from '../../results/failure.ts';
import type { FunctionCount } from '../../results/function-counts.ts';
import { trialReasonText } from '../../results/reason-text.ts';
import { inWords } from '../../results/reasons.ts';
import type { Canary, Plan, Trial } from '../../results/schema.ts';
import type { RunWriter } from '../../results/store.ts';
import { workloadTraitsOf } from '../../results/traits-of.ts';
import type { CountedMachine } from '../machine/counted-machine.ts';
import type { Pair } from '../pair/pair.ts';
import { type PairId, PairSet } from '../pair/pair-set.ts';
import { type PlannedTrial, planTrials, readyScenarios } from '../plan/plan.ts';
import { allEngines, enginesOf, type Site } from '../site/site.ts';
import { SubnetPool } from '../site/subnets.ts';
import type { WatchPath } from '../witness/path-watcher.ts';
import { asCounted } from '../workloads/counted.ts';
import type { Workload } from '../workloads/workload.ts';
import { Absence, type EngineGone } from './absence.ts';
import { countingOf, runCountedTrial } from './counted-trial.ts';
import type { CpuMeter } from './cpu-meter.ts';
import type { Listener } from './events.ts';
import { isWanting, RunState } from './run-state.ts';
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
  /** Counts its instructions, where the engines run in a machine that can. */
  readonly machine?: CountedMachine | undefined;
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
  const workloads = options.machine ? options.workloads.map(asCounted) : options.workloads;
  const pairs = new PairSet(site, pool, plan, workloads, writer.run.emulated, warn);
  const absence = new Absence();
  const all = planTrials(plan);
  const state = new RunState(writer, options.earlier);
  const done = new Set(state.measured.map((trial) => trial.order));
  const todo = all.filter((trial) => !done.has(trial.order));
  const timeLeft = new TimeLeft(plan, todo);
  let generation = -1;
  let underWay: Promise<unknown> = Promise.resolve();
  let beingMade: Promise<unknown> = Promise.resolve();
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
      // The warm-up is discarded, so it may go on while other pairs are still being made; nothing else may. Nor may it
      // where a trial holds the very engine that makes them.
      if (planned.block >= 0 || options.machine) await Promise.race([beingMade, interruption]);
      if (signal.aborted) return 'interrupted';
      const count = all.length - todo.length + index;
      listener({
        type: 'trial-started',
        trial: planned,
        done: count,
        total: all.length,
        secondsLeft: timeLeft.seconds(),
      });
      const trial = attempt(planned, pairs, absence, state, options);
      underWay = trial;
      // A trial that a person cuts short says nothing; --resume measures it again.
      const finished = await Promise.race([trial, interruption]);
      if (finished === 'interrupted') return finished;
      await state.add(finished.trial, finished.raw, finished.functions);
      timeLeft.ended(finished.trial);
      listener({ type: 'trial-ended', trial: finished.trial, done: count + 1, total: all.length });
      if (isWanting(finished.trial)) await refuseAlone(site, absence);
      if (finished.pair)
        await state.addPair(finished.pair, finished.trial.arm, options.canaryOf?.(finished.pair));
      const blockEnds = planned.block >= 0 && todo[index + 1]?.block !== planned.block;
      if (blockEnds && options.isDecided?.(state.measured, planned.block + 1)) return 'finished';
    }
    return state.measured.some(isWanting) ? 'failed' : 'finished';
  } finally {
    await pairs.removeAll();
    // Its containers are gone, so an interrupted trial ends soon; it may have made its pair anew meanwhile.
    await Promise.allSettled([underWay, beingMade]);
    await pairs.removeAll();
  }
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

interface Attempt {
  readonly trial: Trial;
  readonly raw: string;
  /** What each function took, where the trial was counted. */
  readonly functions?: readonly FunctionCount[];
  /** That it ran on; absent where there was none. */
  readonly pair?: Pair;
}

/** One planned trial on its pair, which is made if need be. Whatever goes wrong in it is the trial's. */
async function attempt(
  planned: PlannedTrial,
  pairs: PairSet,
  absence: Absence,
  state: RunState,
  options: RunnerOptions,
): Promise<Attempt> {
  const sides = sidesOf(planned, options);
  const gone = await absence.stillGone(sides);
  if (gone !== undefined) return { trial: wantingTrial(planned, pairs.generation, gone), raw: '' };
  const made = await pairs.get(planned);
  let finished: Attempt;
  if (made.type === 'failed') {
    finished = { trial: failedTrial(planned, pairs.generation, made.reason), raw: '' };
  } else {
    const { pair } = made;
    const workload = options.workloads.find((each) => each.id === planned.workload);
    if (!workload) throw new Error(`${planned.workload} is not a workload`);
    const { atEqualLoadOf } = workloadTraitsOf(options.plan, workload.id);
    const load =
      atEqualLoadOf === undefined ? undefined : await state.equalLoad(pair.scenario.topology, atEqualLoadOf);
    try {
      const settings = settingsOf(options.plan, workload.id, options.cores, load);
      const counting = countingOf(workload, pair, options.machine);
      const ended = counting
        ? await runCountedTrial(planned, pair, workload, counting, options.watch)
        : await runTrial(planned, pair, workload, settings, options);
      finished = { ...ended, pair };
    } catch (error) {
      finished = { trial: failedTrial(planned, pairs.generation, inWords(describeFailure(error))), raw: '' };
    }
  }
  if (finished.trial.status !== 'failed') return finished;
  // A server that a failed client left busy or dead must not fail the trials behind it: the pair is made anew.
  if (made.type === 'up') await pairs.drop(planned);
  // Why a trial failed on an engine that has gone is that, whatever the tool said.
  const lost = await absence.reason(sides);
  if (lost === undefined) return finished;
  await pairs.drop(planned);
  const { generation, reason } = finished.trial;
  return {
    trial: wantingTrial(planned, generation, { ...lost, before: trialReasonText(reason) }),
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
