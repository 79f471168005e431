import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { describeFailure, Failure } from './failure.ts';
import { isBeingWritten } from './run-holder.ts';
import type { Run } from './schema.ts';
import { readRunHeader } from './stored-run.ts';

/** Where runs are kept unless told otherwise, relative to the working directory. */
export const defaultRunsDirectory = join('results', 'runs');

/** A run in a folder of runs, by its run.json alone. */
export interface ListedRun {
  readonly directory: string;
  readonly run: Run;
}

/** The folder of a run that is to be made. */
export function runDirectory(id: string, runsDirectory: string = defaultRunsDirectory): string {
  return join(runsDirectory, id);
}

/**
 * The runs of a folder, the oldest first, and the folders in it whose run.json could not be read, with the reason.
 * A folder that does not exist holds no runs.
 */
export async function listRuns(
  runsDirectory: string = defaultRunsDirectory,
): Promise<{ runs: ListedRun[]; unreadable: { directory: string; reason: string }[] }> {
  const runs: ListedRun[] = [];
  const unreadable: { directory: string; reason: string }[] = [];
  for (const directory of await runFolders(runsDirectory)) {
    try {
      runs.push({ directory, run: await readRunHeader(directory) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      unreadable.push({ directory, reason: describeFailure(error) });
    }
  }
  runs.sort((a, b) => compareText(a.run.startedAt, b.run.startedAt) || compareText(a.run.id, b.run.id));
  return { runs, unreadable };
}

/**
 * The folder of the run that a person means: `latest`, an id, the unique start of one, or a path.
 * @throws Failure (usage) where there is none or more than one
 */
export async function resolveRun(
  reference: string,
  runsDirectory: string = defaultRunsDirectory,
): Promise<string> {
  if (reference === 'latest') {
    const newest = (await listRuns(runsDirectory)).runs.at(-1);
    if (newest) return newest.directory;
    throw new Failure('usage', `There is no run in ${runsDirectory}.`, 'Make one with `tare run`.');
  }
  if (reference.includes('/') || reference.includes(sep) || reference === '.') {
    const directory = basename(reference) === 'run.json' ? dirname(reference) : reference;
    await readRunHeader(directory);
    return directory;
  }
  const folders = await runFolders(runsDirectory);
  const exact = folders.find((folder) => basename(folder) === reference);
  if (exact) return exact;
  const matching = reference === '' ? [] : folders.filter((folder) => basename(folder).startsWith(reference));
  const [only, ...others] = matching;
  if (only && others.length === 0) return only;
  if (only) {
    const ids = matching.map((folder) => basename(folder));
    const shown = ids.slice(0, 5).join(', ') + (ids.length > 5 ? ', …' : '');
    throw new Failure('usage', `“${reference}” fits ${ids.length} runs: ${shown}.`, 'Give more of the id.');
  }
  if (await isFile(join(reference, 'run.json'))) return reference;
  throw new Failure(
    'usage',
    `No run “${reference}” in ${runsDirectory}.`,
    'Name a run by its id, the start of its id, `latest`, or its folder.',
  );
}

/**
 * The newest run that nobody is writing now: what `latest` means to somebody who goes on with one.
 * @throws Failure (usage) where there is none
 */
export async function latestAtRest(runsDirectory: string = defaultRunsDirectory): Promise<string> {
  const { runs } = await listRuns(runsDirectory);
  for (const { directory } of runs.reverse()) if (!(await isBeingWritten(directory))) return directory;
  throw new Failure(
    'usage',
    runs.length > 0
      ? `Every run in ${runsDirectory} is being measured now.`
      : `There is no run in ${runsDirectory}.`,
    'Make one with `tare run`.',
  );
}

async function runFolders(runsDirectory: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(runsDirectory);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
  const folders: string[] = [];
  for (const name of names.sort()) {
    const folder = join(runsDirectory, name);
    if (await isFile(join(folder, 'run.json'))) folders.push(folder);
  }
  return folders;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
