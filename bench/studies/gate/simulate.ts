import { type GateOptions, gateLive, gateStored } from '../../../results/gate.ts';
import type { Verdict } from '../../../results/json-output.ts';
import { compareArms, type LiveComparison } from '../../../results/live.ts';
import { confirmed, together, wantsMeasuringAgain } from '../../../results/measured-again.ts';
import type { RunRecord } from '../../../results/schema.ts';
import { noise } from '../../../results/statistics/random.ts';
import { looks } from '../../../results/statistics/sequential.ts';
import { calibrateStored } from '../../../results/stored-calibration.ts';
import { summarise } from '../../../results/summarise.ts';
import { gatingScenarios, type LivePlan, type MachineModel, SimulatedMachine } from './model.ts';
import { type RivalName, rivalAlarms, rivalNames } from './rivals.ts';

/** What became of many gate runs. */
export interface Tally {
  readonly design: string;
  readonly slowdown: number;
  readonly gateRuns: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Gate runs in which a rival's rule would have failed the build, on the same trials. */
  readonly rivals: Readonly<Record<RivalName, number>>;
  /** Blocks that were measured, mean over the gate runs; less than planned where looks stop early. */
  readonly meanBlocks: number;
}

export type GateRun = () => { verdict: Verdict; blocks: number; rivals: Record<RivalName, boolean> };

/** Carries a gate run out many times. */
export function tally(design: string, slowdown: number, gateRuns: number, gateRun: GateRun): Tally {
  const verdicts: Record<Verdict, number> = {
    pass: 0,
    improved: 0,
    regressed: 0,
    inconclusive: 0,
    invalid: 0,
  };
  const rivals = Object.fromEntries(rivalNames.map((name) => [name, 0])) as Record<RivalName, number>;
  let blocks = 0;
  for (let i = 0; i < gateRuns; i += 1) {
    const outcome = gateRun();
    verdicts[outcome.verdict] += 1;
    blocks += outcome.blocks;
    for (const name of rivalNames) rivals[name] += Number(outcome.rivals[name]);
  }
  return { design, slowdown, gateRuns, verdicts, rivals, meanBlocks: blocks / gateRuns };
}

/** Stored baseline, then the head measured right after it. */
export function storedGateRun(
  model: MachineModel,
  seed: number,
  options: { readonly blocks: number; readonly slowdown: number; readonly gate: GateOptions },
): GateRun {
  const source = noise(seed);
  return () => {
    const machine = new SimulatedMachine(model, source);
    const base = machine.storedRun(options.blocks);
    const head = machine.storedRun(options.blocks, options.slowdown);
    const { verdict } = gateStored(summarise(base), summarise(head), options.gate);
    return { verdict, blocks: options.blocks, rivals: rivalAlarms(base.trials, head.trials) };
  };
}

/** Gate runs that one calibration serves, as in a project that calibrates once and gates for weeks. */
const runsPerCalibration = 25;

/**
 * The profile `gate` against a stored baseline: deltas that a calibration has shown the machine to hold, and a second
 * measurement before anything but a pass is told.
 */
export function calibratedGateRun(
  model: MachineModel,
  seed: number,
  options: { readonly blocks: number; readonly slowdown: number; readonly gate: GateOptions },
): GateRun {
  const source = noise(seed);
  const { blocks, slowdown } = options;
  let machine = new SimulatedMachine(model, source);
  let gate = options.gate;
  let left = 0;
  const measured = (worse = 0) => machine.storedRun(blocks, worse, gatingScenarios);
  return () => {
    if (left === 0) {
      machine = new SimulatedMachine(model, source);
      gate = { ...options.gate, deltas: calibratedDeltas(measured(), options.gate) };
      left = runsPerCalibration;
    }
    left -= 1;
    const base = measured();
    const was = summarise(base);
    const head = measured(slowdown);
    const first = gateStored(was, summarise(head), gate);
    const told = { blocks, rivals: rivalAlarms(base.trials, head.trials) };
    if (!wantsMeasuringAgain(first)) return { ...told, verdict: first.verdict };
    const second = measured(slowdown);
    const both = gateStored(was, summarise(together(head, second)), gate);
    const { verdict } = confirmed(both, gateStored(was, summarise(second), gate));
    return { ...told, blocks: 2 * blocks, verdict };
  };
}

function calibratedDeltas(record: RunRecord, gate: GateOptions): GateOptions['deltas'] {
  return calibrateStored(summarise(record), gate, []).recommendation.deltas.map(
    ({ scenario, workload, metric, delta }) => ({ metrics: `${scenario}:${workload}:${metric}`, delta }),
  );
}

/** Both arms in one run, looked at after 8, 12, 16, 20, 24 and 30 blocks. */
export function liveGateRun(
  model: MachineModel,
  seed: number,
  options: { readonly slowdown: number; readonly gate: GateOptions; readonly plan: LivePlan },
): GateRun {
  const source = noise(seed);
  return () => {
    const machine = new SimulatedMachine(model, source);
    return judgeLive(machine.liveRun(looks.at(-1) as number, options.slowdown, options.plan), options.gate);
  };
}

/** Looks at a live run as the gate does while it is measured. */
export function judgeLive(record: RunRecord, gate: GateOptions): ReturnType<GateRun> {
  const whole = compareArms(record);
  for (const [index, blocks] of looks.entries()) {
    const { verdict } = gateLive(firstBlocks(whole, blocks), gate, { index, looks });
    if (verdict === 'inconclusive' && index < looks.length - 1) continue;
    const ofArm = (arm: 'base' | 'head') =>
      record.trials.filter((trial) => trial.block < blocks && trial.arm === arm);
    return { verdict, blocks, rivals: rivalAlarms(ofArm('base'), ofArm('head')) };
  }
  throw new Error('a sequential test without looks');
}

/** What was known after so many blocks. */
function firstBlocks(live: LiveComparison, blocks: number): LiveComparison {
  const cut = (metrics: LiveComparison['metrics']) =>
    metrics.map((metric) => {
      const { sample } = metric;
      if (sample.type !== 'paired' || !sample.blocks) throw new Error('not a live comparison');
      const count = sample.blocks.filter((block) => block < blocks).length;
      return { ...metric, sample: { type: 'paired' as const, clusters: sample.clusters.slice(0, count) } };
    });
  return { ...live, metrics: cut(live.metrics), controls: cut(live.controls) };
}
