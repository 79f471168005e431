import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { damagedFunctions, type FunctionCount, parseFunctionCounts } from './function-counts.ts';
import type { RunRecord } from './schema.ts';
import { functionsFile } from './stored-run.ts';

const gunzipBytes = promisify(gunzip);

const maxBytes = 64 << 20;

/**
 * The functions of a counted trial.
 * @returns undefined where none were kept, as for trials by the wall clock or without exact accounting
 * @throws Failure (usage) where the file is damaged or larger than any real one
 */
export async function readFunctionCounts(
  directory: string,
  order: number,
): Promise<FunctionCount[] | undefined> {
  const path = functionsFile(directory, order);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  let text: string;
  try {
    text = (await gunzipBytes(bytes, { maxOutputLength: maxBytes })).toString('utf8');
  } catch (cause) {
    throw damagedFunctions(path, 'it is no gzip file, was cut off, or holds more than 64 MiB', cause);
  }
  return parseFunctionCounts(text, path);
}

/**
 * A stored run with the functions of its counted trials, for whoever tells what changed; any other run as it is.
 * @throws Failure as `readFunctionCounts` does
 */
export async function withFunctions<R extends RunRecord & { readonly directory: string }>(
  stored: R,
): Promise<R> {
  const counted = stored.trials.filter((trial) => trial.status === 'ok' && trial.counted !== undefined);
  if (counted.length === 0) return stored;
  const functions = new Map<number, readonly FunctionCount[]>();
  for (const { order } of counted) {
    const counts = await readFunctionCounts(stored.directory, order);
    if (counts) functions.set(order, counts);
  }
  return { ...stored, functions };
}
