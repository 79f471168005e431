import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { Failure } from './failure.ts';
import { lackOf, strangeToPlan } from './held-against-plan.ts';
import { migrateRun, migrateTrial } from './migrate.ts';
import { readBounded, withoutByteOrderMark } from './read-bounded.ts';
import { isBeingWritten } from './run-holder.ts';
import { type Run, type RunRecord, runSchema, schemaVersion, type Trial, trialSchema } from './schema.ts';
import type { FoundWarning } from './warnings.ts';

const gunzipBytes = promisify(gunzip);

// A record may come from anywhere. What a real one holds is a tenth of this.
const maxHeaderBytes = 64 << 20;
const maxLineBytes = 32 << 20;
const maxRawBytes = 512 << 20;

/** The files of a run's folder. */
export const runFile = (directory: string): string => join(directory, 'run.json');
export const trialsFile = (directory: string): string => join(directory, 'trials.ndjson');
export const rawFile = (directory: string, order: number): string =>
  join(directory, 'raw', `${String(order).padStart(6, '0')}.gz`);
export const functionsFile = (directory: string, order: number): string =>
  join(directory, 'functions', `${String(order).padStart(6, '0')}.tsv.gz`);

/** A run as read back from its folder. */
export interface StoredRun extends RunRecord {
  readonly directory: string;
  /** What is odd about the files but does not hinder reading, such as a last line cut off by a kill. */
  readonly warnings: readonly FoundWarning[];
}

/**
 * Reads a run and checks every line of it.
 * @throws Failure where there is no run, its schema version is another, run.json is damaged, or a line other than a
 * cut-off last one is corrupt (the message names file and line)
 */
export async function readRun(directory: string): Promise<StoredRun> {
  return (await readForWriting(directory)).stored;
}

/**
 * Reads run.json alone. A run that says it is running though its process has gone is told as interrupted.
 * @throws Failure as `readRun` does
 */
export async function readRunHeader(directory: string): Promise<Run> {
  const run = await readHeaderAsWritten(directory);
  if (run.state !== 'running' || (await isBeingWritten(directory))) return run;
  // It may have ended well between the two looks.
  const again = await readHeaderAsWritten(directory);
  return again.state === 'running' ? { ...again, state: 'interrupted' } : again;
}

async function readHeaderAsWritten(directory: string): Promise<Run> {
  const path = runFile(directory);
  let text: string;
  try {
    text = await readBounded(path, maxHeaderBytes);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cause;
    throw new Failure('usage', `There is no run in ${directory}.`, 'Name a folder that holds a run.json.', {
      cause,
    });
  }
  let json: unknown;
  try {
    json = migrateRun(JSON.parse(text));
  } catch (cause) {
    throw new Failure('usage', `${path} is not JSON.`, 'Restore the file from a copy.', { cause });
  }
  refuseOtherVersion(path, json);
  const parsed = runSchema.safeParse(json);
  if (!parsed.success) {
    throw (
      newerFailure(path, parsed.error, versionOf(json)) ??
      new Failure('usage', `${path}: ${firstIssue(parsed.error)}.`, 'Restore the file from a copy.')
    );
  }
  return parsed.data;
}

/**
 * The raw output kept for a trial.
 * @returns undefined where none was kept
 */
export async function readRaw(directory: string, order: number): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(rawFile(directory, order));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  return (await gunzipBytes(bytes, { maxOutputLength: maxRawBytes })).toString('utf8');
}

/** A run with what a writer must mend before it appends to it. */
export interface Reading {
  readonly stored: StoredRun;
  /** Where the cut-off last line starts, in bytes from the start of trials.ndjson. */
  readonly tornAtByte?: number;
  readonly lacksLineFeed: boolean;
}

/**
 * @param isOurs whether this process holds the run, so that nobody else can be writing it
 * @throws Failure as `readRun` does
 */
export async function readForWriting(
  directory: string,
  { isOurs = false }: { readonly isOurs?: boolean } = {},
): Promise<Reading> {
  const [written, run] = [await readHeaderAsWritten(directory), await readRunHeader(directory)];
  const path = trialsFile(directory);
  const { trials, warnings, ...mending } = await readTrials(path);
  refuseStrangers(path, run, trials);
  const isGone = written.state === 'running' && (isOurs || run.state === 'interrupted');
  const missing = lackOf(run, trials);
  // What the run noted is the time of all its trials.
  const noted = missing ? { ...run, measuredSeconds: measuredSecondsOf(trials) } : run;
  const stored = isGone
    ? {
        run: { ...noted, state: 'interrupted' as const, ...timesOf(run, trials) },
        warnings: [{ code: 'process-gone' as const }, ...warnings],
      }
    : { run: noted, warnings };
  return { stored: { ...stored, ...(missing && { missing }), trials, directory }, ...mending };
}

const measuredSecondsOf = (trials: readonly Trial[]): number =>
  trials.reduce((sum, trial) => sum + trial.measuredSeconds, 0);

/** @throws Failure where a trial is in the record that its plan can't have had */
function refuseStrangers(path: string, run: Run, trials: readonly Trial[]): void {
  const strange = strangeToPlan(run);
  for (const trial of trials) {
    const what = strange(trial);
    if (what === undefined) continue;
    throw new Failure(
      'usage',
      `${path}: trial ${trial.order} is of ${what}, which the plan of this run does not have.`,
      'Restore the file from a copy: run.json and trials.ndjson are not of one run.',
    );
  }
}

/** What a run measured that could not note it at its end: from its trials, and from its start to the last one's end. */
function timesOf(run: Run, trials: readonly Trial[]): Pick<Run, 'measuredSeconds' | 'wallSeconds'> {
  const ends = trials.map(({ startedAt, wallSeconds }) => Date.parse(startedAt) / 1000 + wallSeconds);
  const last = Math.max(Number.NEGATIVE_INFINITY, ...ends) - Date.parse(run.startedAt) / 1000;
  return {
    measuredSeconds: measuredSecondsOf(trials),
    wallSeconds: Math.max(run.wallSeconds, Number.isFinite(last) ? last : 0),
  };
}

/**
 * Reads and checks a file of trials, one a line.
 * @throws Failure where the file is missing or a line other than a cut-off last one is corrupt
 */
export async function readTrials(
  path: string,
): Promise<Pick<StoredRun, 'trials' | 'warnings'> & Omit<Reading, 'stored'>> {
  const trials = new TrialLines(path);
  let rest: Buffer = Buffer.alloc(0);
  let restStart = 0;
  let line = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        line += 1;
        const text = bytes.toString('utf8', from, end);
        trials.add(parseLine(path, line, line === 1 ? withoutByteOrderMark(text) : text), line);
        from = end + 1;
      }
      rest = bytes.subarray(from);
      if (rest.length > maxLineBytes) throw tooLong(path, line + 1);
      restStart += from;
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new Failure('usage', `${path} is missing.`, 'Restore the file from a copy.', { cause });
  }
  if (rest.length === 0) return { trials: trials.all(), warnings: [], lacksLineFeed: false };
  const text = line === 0 ? withoutByteOrderMark(rest.toString('utf8')) : rest.toString('utf8');
  // Cut off inside an object it can't be JSON: one that parses lacks its line feed only.
  if (isJson(text)) {
    trials.add(parseLine(path, line + 1, text), line + 1);
    return { trials: trials.all(), warnings: [], lacksLineFeed: true };
  }
  const cutOff = { code: 'line-cut-off' as const, path, line: line + 1, bytes: rest.length };
  return { trials: trials.all(), warnings: [cutOff], tornAtByte: restStart, lacksLineFeed: false };
}

/** Trials by their order. One that an engine's absence took is measured again by --resume: its later line counts. */
class TrialLines {
  readonly #byOrder = new Map<number, { readonly trial: Trial; readonly line: number }>();

  constructor(readonly path: string) {}

  /** @throws Failure where another line has that trial already, so that it would count twice */
  add(trial: Trial, line: number): void {
    const before = this.#byOrder.get(trial.order);
    if (before && !(before.trial.status === 'failed' && before.trial.engineGone)) {
      throw new Failure(
        'usage',
        `${this.path}:${line}: trial ${trial.order} is in the file twice; line ${before.line} has it already.`,
        'Restore the file from a copy, or delete one of the two lines.',
      );
    }
    this.#byOrder.set(trial.order, { trial, line });
  }

  all(): Trial[] {
    return [...this.#byOrder.values()].map(({ trial }) => trial);
  }
}

function tooLong(path: string, line: number): Failure {
  return new Failure(
    'usage',
    `${path}:${line}: the line has more than ${maxLineBytes >> 20} MiB.`,
    'Restore the file from a copy: no trial takes that much.',
  );
}

function parseLine(path: string, line: number, text: string): Trial {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw corrupt(path, line, 'not JSON');
  }
  const trial = migrateTrial(json);
  const parsed = trialSchema.safeParse(trial);
  // The schema changes nothing, and its copy takes half as much memory again as what was parsed.
  if (parsed.success) return trial as Trial;
  throw newerFailure(`${path}:${line}`, parsed.error) ?? corrupt(path, line, firstIssue(parsed.error));
}

function corrupt(path: string, line: number, problem: string): Failure {
  return new Failure(
    'usage',
    `${path}:${line}: corrupt line (${problem}).`,
    'Restore the file from a copy, or delete that line and accept the loss of its trial.',
  );
}

const headerSchema = z.looseObject({ schemaVersion: z.unknown(), tareVersion: z.string().optional() });
const versionOf = (json: unknown): string | undefined => headerSchema.safeParse(json).data?.tareVersion;

/** What an older Tare can't know is what tells a newer one's file from a damaged one. */
function newerFailure(place: string, { issues }: z.ZodError, tareVersion?: string): Failure | undefined {
  if (issues.length === 0 || !issues.every(({ code }) => code === 'unrecognized_keys')) return undefined;
  const keys = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const shown = keys.slice(0, 3).map((key) => JSON.stringify(key.slice(0, 40)));
  return madeByNewer(
    place,
    `this one does not know ${shown.join(', ')}${keys.length > 3 ? ', …' : ''}`,
    tareVersion,
  );
}

function madeByNewer(place: string, why: string, tareVersion: string | undefined): Failure {
  const version = tareVersion ? ` (${tareVersion})` : '';
  return new Failure(
    'usage',
    `${place} was made by a newer Tare${version}: ${why}.`,
    `Read it with that Tare${version}, or install a newer one here.`,
  );
}

function refuseOtherVersion(path: string, json: unknown): void {
  const header = headerSchema.safeParse(json);
  if (!header.success || header.data.schemaVersion === schemaVersion) return;
  const { schemaVersion: found, tareVersion } = header.data;
  if (typeof found === 'number' && found > schemaVersion) {
    throw madeByNewer(
      path,
      `it has schema version ${found}, and this one reads ${schemaVersion}`,
      tareVersion,
    );
  }
  throw new Failure(
    'usage',
    `${path} has schema version ${JSON.stringify(found) ?? 'none'}; this Tare reads version ${schemaVersion}.`,
    `Read it with the Tare that made it${tareVersion ? ` (${tareVersion})` : ''}, or measure again.`,
  );
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'does not fit the schema';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
