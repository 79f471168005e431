import { basename } from 'node:path';
import { line } from '../../reports/text.ts';
import { readConfig } from '../config/config-file.ts';
import type { Flags } from '../config/flags.ts';
import { describeLeftover } from '../engine/clean-labelled.ts';
import type { CommandContext } from './command.ts';
import { Progress } from './progress.ts';
import { measureAnew, type RunOptions } from './run.ts';
import { Unfinished } from './unfinished.ts';

/** What a command that measures and then judges was asked. */
export type MeasureToJudge = Pick<
  RunOptions,
  'config' | 'insecureTcp' | 'labOnUserEngine' | 'wait' | 'calibration' | 'flags'
>;

/**
 * Measures a run for a command that then judges it.
 * @param usual what holds where neither a flag nor the file says otherwise
 * @returns the run's folder; whether it came to its end is in its record
 * @throws Unfinished where something ended it that was no interruption
 */
export async function measureToJudge(
  options: MeasureToJudge,
  usual: Flags,
  context: CommandContext,
): Promise<string> {
  const file = options.config === undefined ? {} : await readConfig(options.config);
  const asked = { ...file, ...options.flags };
  const missing = Object.entries(usual).filter(([key]) => asked[key as keyof Flags] === undefined);
  const progress = new Progress(context.stderr);
  const { directory, failure, leftovers } = await measureAnew(
    { ...options, flags: { ...Object.fromEntries(missing), ...options.flags } },
    progress,
    context,
  );
  progress.end();
  context.stderr.write(line`Record: ${directory}`);
  for (const each of leftovers) context.stderr.write(line`warning: ${describeLeftover(each)}`);
  if (failure !== undefined && !context.signal.aborted) throw new Unfinished(basename(directory), failure);
  return directory;
}
