import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type GateOptions, gateStored } from '../../../results/gate.ts';
import { parseScenarioId, type Topology } from '../../../results/scenario.ts';
import type { OkTrial, RunRecord, Trial } from '../../../results/schema.ts';
import { looks } from '../../../results/statistics/sequential.ts';
import { readTrials } from '../../../results/stored-run.ts';
import { summarise } from '../../../results/summarise.ts';
import { simulatedRun } from './model.ts';
import { rivalAlarms } from './rivals.ts';
import { type GateRun, judgeLive, type Tally, tally } from './simulate.ts';

/** Trials of one long run of the same configuration throughout. */
export interface Trace {
  readonly path: string;
  readonly trials: readonly Trial[];
  /** Numbers of its blocks, ascending. */
  readonly blocks: readonly number[];
  /** True where each block holds two arms side by side. */
  readonly hasArms: boolean;
}

/** @param path a run's folder, or a file of trials */
export async function readTrace(path: string): Promise<Trace> {
  const file = (await stat(path)).isDirectory() ? join(path, 'trials.ndjson') : path;
  const { trials } = await readTrials(file);
  const measured = trials.filter((trial) => trial.block >= 0);
  const blocks = [...new Set(measured.map((trial) => trial.block))].sort((a, b) => a - b);
  return { path, trials: measured, blocks, hasArms: measured.some((trial) => trial.arm === 'head') };
}

/**
 * Gates every stretch of a trace against the stretch right after it (or its arms against one another), with a change
 * put into the head's values. Stretches overlap, so that their verdicts are not independent: the number of gate runs
 * that do not share a trial is `blocks / (2 × n)`.
 */
export function replay(
  trace: Trace,
  blocksPerRun: number,
  slowdowns: readonly number[],
  gate: GateOptions,
): Tally[] {
  return slowdowns.map((slowdown) => {
    if (trace.hasArms) {
      const starts = startsOf(trace, looks.at(-1) as number);
      const gateRuns = starts.map(
        (start): GateRun =>
          () => {
            const window = stretch(trace, start, looks.at(-1) as number);
            return judgeLive(record(slowed(window, slowdown, (trial) => trial.arm === 'head')), gate);
          },
      );
      return tallyAll(`live, replayed`, slowdown, gateRuns);
    }
    const starts = startsOf(trace, 2 * blocksPerRun);
    const gateRuns = starts.map(
      (start): GateRun =>
        () => {
          const base = record(stretch(trace, start, blocksPerRun));
          const head = record(
            slowed(stretch(trace, start + blocksPerRun, blocksPerRun), slowdown, () => true),
          );
          const { verdict } = gateStored(summarise(base), summarise(head), gate);
          return { verdict, blocks: blocksPerRun, rivals: rivalAlarms(base.trials, head.trials) };
        },
    );
    return tallyAll(`stored, ${blocksPerRun} blocks, replayed`, slowdown, gateRuns);
  });
}

function tallyAll(design: string, slowdown: number, gateRuns: readonly GateRun[]): Tally {
  let next = 0;
  return tally(design, slowdown, gateRuns.length, () => (gateRuns[next++] as GateRun)());
}

function startsOf(trace: Trace, length: number): number[] {
  return Array.from({ length: Math.max(0, trace.blocks.length - length + 1) }, (_, start) => start);
}

/** So many blocks from a place in the trace, numbered from 0. */
function stretch(trace: Trace, start: number, length: number): Trial[] {
  const places = new Map(trace.blocks.slice(start, start + length).map((block, place) => [block, place]));
  return trace.trials.flatMap((trial) => {
    const block = places.get(trial.block);
    return block === undefined ? [] : [{ ...trial, block }];
  });
}

/** Makes the first scenario that is not a host worse in every metric, by a ratio minus one. */
function slowed(trials: readonly Trial[], slowdown: number, concerns: (trial: Trial) => boolean): Trial[] {
  const target = trials
    .map((trial) => trial.scenario)
    .filter((id) => !isHost(id))
    .sort()[0];
  return trials.map((trial) => {
    if (trial.status !== 'ok' || trial.scenario !== target || !concerns(trial)) return trial;
    return { ...trial, metrics: trial.metrics.map((metric) => slow(metric, slowdown)) };
  });
}

function slow(metric: OkTrial['metrics'][number], slowdown: number): OkTrial['metrics'][number] {
  const factor =
    metric.better === 'lower' ? 1 + slowdown : metric.better === 'higher' ? 1 / (1 + slowdown) : 1;
  return { ...metric, value: metric.value * factor };
}

const isHost = (scenario: string): boolean => parseScenarioId(scenario)?.driver === 'host';

/** A run around trials whose own run.json is not at hand. */
function record(trials: readonly Trial[]): RunRecord {
  const run = simulatedRun(1);
  const ids = [...new Set(trials.map((trial) => trial.scenario))];
  const scenarios = ids.flatMap((id) => {
    const scenario = parseScenarioId(id);
    return scenario
      ? [{ ...scenario, options: { ...scenario.options }, status: 'ready' as const, isBaseline: isHost(id) }]
      : [];
  });
  const hosts = scenarios.filter((scenario) => scenario.isBaseline).map(({ topology, id }) => [topology, id]);
  const workloads = [...new Set(trials.map((trial) => trial.workload))];
  return {
    run: {
      ...run,
      id: 'replayed',
      plan: {
        ...run.plan,
        scenarios,
        baselines: Object.fromEntries(hosts) as Partial<Record<Topology, string>>,
        workloads: workloads.map((id) => ({ id, durationSeconds: 1, omitSeconds: 0 })),
      },
    },
    trials,
  };
}
