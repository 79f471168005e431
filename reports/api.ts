import type { GateOptions } from '../results/gate.ts';
import { defaultGateOptions } from '../results/gate.ts';
import type { JsonOutput } from '../results/json-output.ts';
import { jsonOutput } from '../results/json-output.ts';
import { judgeRun } from '../results/judge-run.ts';
import { readRun as readStored, type StoredRun } from '../results/stored-run.ts';
import { summarise } from '../results/summarise.ts';
import type { JsonComparison } from './gate-json.ts';
import { gateJson } from './gate-json.ts';

/** What `import … from 'tare'` gives: to read a run, and to judge two. What it tells is what `--json` prints. */

export { Failure } from '../results/failure.ts';
export type { JsonComparison, JsonOutput };

/** How strictly to judge; what is left out is as `tare gate` has it. */
export type Rules = Partial<Pick<GateOptions, 'delta' | 'alpha' | 'metrics'>>;

/** A run that was read. */
export interface ReadRun {
  readonly id: string;
  readonly directory: string;
  /** Every scenario's figures, as `tare report RUN --json` prints them. */
  readonly figures: JsonOutput;
}

const records = new WeakMap<ReadRun, StoredRun>();

/**
 * Reads a run's folder, checks every trial of it and computes its figures.
 * @param directory the folder that holds its run.json
 * @throws Failure (with `message` and `remedy`) where there is no run, or its record is damaged or another version's
 */
export async function readRun(directory: string): Promise<ReadRun> {
  const stored = await readStored(directory);
  const run: ReadRun = {
    id: stored.run.id,
    directory,
    figures: jsonOutput(summarise(stored, stored.warnings)),
  };
  records.set(run, stored);
  return run;
}

/**
 * Judges a run against an earlier one of the same machine, each normalised by its own host network, as `tare gate` does.
 * @param rules `delta`, the smallest change that matters as a ratio minus one; `alpha`, 1 − the confidence; `metrics`,
 *   patterns of what gates
 * @throws Failure where one is a live comparison of two arms; TypeError for what `readRun` did not give
 */
export function judgeRuns(baseline: ReadRun, head: ReadRun, rules: Rules = {}): JsonComparison {
  const [was, is] = [recordOf(baseline), recordOf(head)];
  const options: GateOptions = { ...(is.run.plan.gate ?? defaultGateOptions), ...rules };
  return gateJson(judgeRun(is, { baseline: was, rules: options }), summarise(is, is.warnings));
}

function recordOf(run: ReadRun): StoredRun {
  const record = records.get(run);
  if (!record) throw new TypeError('judgeRuns takes what readRun gave');
  return record;
}
