import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { renderCalibrationTerminal } from '../../reports/calibration-terminal.ts';
import { terminalOptions } from '../../reports/terminal-lines.ts';
import { jsonText, line } from '../../reports/text.ts';
import { calibrate, type Recommendation } from '../../results/calibration.ts';
import { ranksNothing } from '../../results/clock.ts';
import { Failure } from '../../results/failure.ts';
import { jsonDocument } from '../../results/json-schema.ts';
import { isLive } from '../../results/judge-run.ts';
import { compareArms } from '../../results/live.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import type { Arm, Run } from '../../results/schema.ts';
import { calibrateStored } from '../../results/stored-calibration.ts';
import { readRun } from '../../results/stored-run.ts';
import { summarise } from '../../results/summarise.ts';
import { warningText } from '../../results/warning-text.ts';
import { readConfig } from '../config/config-file.ts';
import type { Flags } from '../config/flags.ts';
import { type GateFlags, gateOptions } from '../config/gate-config.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { measureToJudge } from './measure-to-judge.ts';
import { writeTo } from './write-to.ts';

export interface CalibrateOptions extends Omit<GateFlags, 'metric'> {
  /** A stored run of an unchanged network, with two arms alike or without any; without it one is measured. */
  readonly from?: string;
  readonly config?: string;
  /** The bench.yaml that the recommendation is written to; what else it says stays. */
  readonly write?: string;
  readonly json?: boolean;
  /** For the gate against a stored run: an ordinary run by the profile `gate`, without arms. */
  readonly stored?: boolean;
  /** False refuses where another run is being measured on this machine, rather than to wait for it. */
  readonly wait?: boolean | undefined;
  readonly insecureTcp?: boolean | undefined;
  readonly labOnUserEngine?: boolean | undefined;
  /** Flags of the run. */
  readonly flags: Flags;
}

/** What is measured unless told otherwise: one network of each kind, about ten minutes. */
const defaults = { scenarios: ['same-host/bridge', 'cross-host/overlay'], blocks: 12 } satisfies Flags;

/** What is measured for a gate against a stored run: what that gate will measure. */
const storedDefaults = { profile: 'gate', scenarios: defaults.scenarios } satisfies Flags;

const measured = ({ stored, ...options }: CalibrateOptions, context: CommandContext): Promise<string> =>
  measureToJudge({ ...options, calibration: !stored }, stored ? storedDefaults : defaults, context);

/** With fewer blocks the tails of a bootstrap are guesswork. */
const fewestBlocks = 8;

/** `tare calibrate`: what the gate can see on this machine, from a run of the same configuration in both arms. */
export async function calibrateHere(options: CalibrateOptions, context: CommandContext): Promise<number> {
  const file = options.config === undefined ? {} : await readConfig(options.config);
  const rules = gateOptions(options, file.gate);
  const directory =
    options.from === undefined ? await measured(options, context) : await resolveRun(options.from);
  const stored = await readRun(directory);
  if (stored.run.state === 'interrupted' && options.from === undefined) return exitCodes.interrupted;
  refuseOthers(stored.run);
  const { metrics, recommendation } = isLive(stored)
    ? calibrate(compareArms(stored), rules)
    : calibrateStored(summarise(stored), rules);
  if (metrics.length === 0) {
    throw new Failure(
      'infrastructure',
      `run ${stored.run.id} has no figure to calibrate by`,
      compareArms(stored).refusals[0]?.remedy ?? 'Measure at least one scenario beside the host.',
    );
  }
  const warnings = stored.warnings.map(warningText);
  const observed = Math.min(...metrics.map((each) => each.observed));
  if (observed < fewestBlocks) {
    warnings.push(
      `The A/A run has ${observed} blocks: with fewer than ${fewestBlocks} these figures are guesswork. Measure more (--blocks).`,
    );
  }
  for (const { scenario, workload, metric, delta } of recommendation.deltas) {
    if (delta < 1) continue;
    warnings.push(
      `${metric} of ${workload} on ${scenario} is too noisy to be gated here: leave it out (--metric).`,
    );
  }
  if (options.write !== undefined) await writePlan(options.write, recommendation, rules.delta);
  context.stdout.write(
    options.json
      ? jsonText(jsonDocument('calibration', { run: stored.run.id, metrics, recommendation, warnings }))
      : renderCalibrationTerminal(
          stored.run.id,
          metrics,
          recommendation,
          warnings,
          terminalOptions(context.stdout, context.environment),
        ),
  );
  if (options.write !== undefined) context.stderr.write(line`Plan: ${options.write}`);
  return exitCodes.ok;
}

/** @throws Failure `usage` where the scatter of a run is not that of one configuration beside itself */
function refuseOthers(run: Run): void {
  const refuse = (message: string, remedy: string): never => {
    throw new Failure('usage', `run ${run.id} ${message}`, remedy);
  };
  if (ranksNothing(run))
    refuse('was made under an emulated kernel', 'Calibrate on the machine that is to be gated.');
  if (run.state !== 'finished') refuse(`is ${run.state}, not finished`, `Finish it with --resume ${run.id}.`);
  const idsOf = (arm: Arm) =>
    run.plan.scenarios
      .filter((scenario) => scenario.arm === arm)
      .map((scenario) => scenario.id)
      .sort()
      .join(' ');
  if (idsOf('base') !== idsOf('head')) {
    refuse(
      'compares two different configurations',
      'Give a run whose arms are the same, or leave --from away to measure one.',
    );
  }
}

/** Puts the recommendation into a bench.yaml; its comments and all else in it stay. */
async function writePlan(path: string, { blocks, deltas }: Recommendation, wanted: number): Promise<void> {
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) {
    throw new Failure(
      'usage',
      `${path} is not YAML: ${problem.message.split('\n')[0]}`,
      'Mend it, or name another file.',
    );
  }
  document.setIn(['blocks'], blocks);
  document.setIn(['gate', 'delta'], wanted);
  document.setIn(
    ['gate', 'deltas'],
    document.createNode(
      deltas
        .filter(({ delta }) => delta > wanted && delta < 1)
        .map(({ scenario, workload, metric, delta }) => ({
          metrics: `${scenario}:${workload}:${metric}`,
          delta,
        })),
    ),
  );
  await writeTo(path, String(document), '--write');
}
