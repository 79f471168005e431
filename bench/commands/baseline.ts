import { line } from '../../reports/text.ts';
import { baselineText } from '../../results/baseline-file.ts';
import { countedFigures } from '../../results/counted-figures.ts';
import { Failure } from '../../results/failure.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { shellWord } from '../../results/shell-word.ts';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun } from '../../results/stored-run.ts';
import type { Flags } from '../config/flags.ts';
import { type CommandContext, exitCodes } from './command.ts';
import { measureToJudge } from './measure-to-judge.ts';
import { tareVersion } from './version.ts';
import { writeTo } from './write-to.ts';

export interface BaselineOptions {
  /** The stored run in counted time that it is made of; without it, and without a machine, the latest. */
  readonly from?: string;
  readonly config?: string;
  readonly wait?: boolean | undefined;
  /** Of the run that is measured where a machine is among them. */
  readonly flags?: Flags;
  /** The file; a team commits it. */
  readonly write: string;
}

/** One network of each kind, round trips and streams; two trials tell what repeats. */
const usual = {
  profile: 'gate',
  scenarios: ['same-host/bridge', 'cross-host/overlay'],
  blocks: 2,
} satisfies Flags;

/** `tare baseline`: a counted run as the small file that any machine can be gated against. */
export async function writeBaseline(options: BaselineOptions, context: CommandContext): Promise<number> {
  const { from, config, wait, flags = {} } = options;
  const measuring = flags.machine !== undefined;
  if (measuring && from !== undefined) {
    throw new Failure(
      'usage',
      'a run that is measured now can’t be one that is there',
      'Leave --from or --machine away.',
    );
  }
  const directory = measuring
    ? await measureToJudge({ ...(config !== undefined && { config }), wait, flags }, usual, context)
    : await resolveRun(from ?? 'latest');
  const stored = await withFunctions(await readRun(directory));
  if (measuring && stored.run.state === 'interrupted') return exitCodes.interrupted;
  const { run } = stored;
  const figures = countedFigures(stored);
  if (!figures) {
    throw new Failure(
      'usage',
      `Run ${run.id} was measured by the wall clock, whose figures are this machine’s own.`,
      `Measure in counted time (--machine counted), or gate against the run itself: tare gate --baseline ${shellWord(run.id)}`,
    );
  }
  if (run.state !== 'finished') {
    throw new Failure(
      'usage',
      `Run ${run.id} is ${run.state}, not finished.`,
      `Finish it with --resume ${run.id}.`,
    );
  }
  if (figures.figures.length === 0) {
    throw new Failure(
      'usage',
      `Run ${run.id} has no counted figure outside of arms.`,
      'Measure scenarios without --arm.',
    );
  }
  await writeTo(options.write, baselineText(figures, tareVersion), '--write');
  context.stderr.write(line`Baseline: ${options.write} (${figures.figures.length} figures of run ${run.id})`);
  return exitCodes.ok;
}
