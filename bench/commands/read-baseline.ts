import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readBaselineFile } from '../../results/baseline-file.ts';
import type { CountedFigures } from '../../results/counted-figures.ts';
import { resolveRun } from '../../results/run-lookup.ts';
import { withFunctions } from '../../results/stored-functions.ts';
import { readRun, type StoredRun } from '../../results/stored-run.ts';

/**
 * What is judged against: a stored run, or a baseline file where the name is that of a file.
 * @throws Failure `usage` where it is neither
 */
export async function readBaseline(reference: string): Promise<StoredRun | CountedFigures> {
  const isFile = await stat(reference).then(
    (found) => found.isFile(),
    () => reference.endsWith('.json'),
  );
  if (isFile && basename(reference) !== 'run.json') return readBaselineFile(reference);
  return withFunctions(await readRun(await resolveRun(reference)));
}
