import { access, type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { noteWriting } from './being-written.ts';
import { Failure } from './failure.ts';
import { type FunctionCount, functionCountsText } from './function-counts.ts';
import { replaceFile } from './replace-file.ts';
import { holdRun } from './run-holder.ts';
import { type Run, runSchema, type Trial, trialSchema } from './schema.ts';
import {
  functionsFile,
  rawFile,
  readForWriting,
  readRunHeader,
  runFile,
  type StoredRun,
  trialsFile,
} from './stored-run.ts';

const gzipText = promisify(gzip);

/** An open run: the only way in which its folder is written. Calls may overlap; they are carried out in order. */
export class RunWriter {
  #queue: Promise<unknown> = Promise.resolve();
  #run: Run;
  readonly #trials: FileHandle;
  readonly #giveBack: () => Promise<void>;
  readonly #noLongerWriting: () => void;

  /** Use `createRun` or `openRun`. */
  constructor(
    readonly directory: string,
    run: Run,
    trials: FileHandle,
    giveBack: () => Promise<void>,
  ) {
    this.#giveBack = giveBack;
    this.#run = run;
    this.#trials = trials;
    this.#noLongerWriting = noteWriting(directory);
  }

  /** run.json as last written. */
  get run(): Run {
    return this.#run;
  }

  /** Appends one trial; once the promise resolves the line survives a kill and a power cut. */
  append(trial: Trial): Promise<void> {
    const line = `${JSON.stringify(trialSchema.parse(trial))}\n`;
    return this.#inTurn(async () => {
      await this.#trials.appendFile(line);
      await this.#trials.datasync();
    });
  }

  /** Changes some fields of run.json; at every instant the file on disk is either the old one or the new one. */
  update(change: Partial<Omit<Run, 'schemaVersion' | 'id'>>): Promise<void> {
    return this.#inTurn(async () => {
      const next = runSchema.parse({ ...this.#run, ...change });
      await replaceFile(runFile(this.directory), `${JSON.stringify(next, null, 2)}\n`);
      this.#run = next;
    });
  }

  /** Keeps a tool's raw output, compressed, under the trial's order. Not synced: it is evidence, not the record. */
  keepRaw(order: number, raw: string): Promise<void> {
    return this.#keep(rawFile(this.directory, order), async () => await gzipText(raw));
  }

  /** Keeps what each function took in a counted trial, compressed, under the trial's order. Not synced, as `keepRaw`. */
  keepFunctions(order: number, counts: readonly FunctionCount[]): Promise<void> {
    const text = functionCountsText(counts);
    return this.#keep(functionsFile(this.directory, order), async () => await gzipText(text));
  }

  #keep(path: string, content: () => Promise<Buffer>): Promise<void> {
    return this.#inTurn(async () => {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'w');
      try {
        await file.writeFile(await content());
      } finally {
        await file.close();
      }
    });
  }

  /** Waits for what is under way, closes the file and lets others write the run; the writer is of no use afterwards. */
  async close(): Promise<void> {
    await this.#queue;
    this.#noLongerWriting();
    await this.#trials.close();
    await this.#giveBack();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work);
    // A failed write is the caller's to see; it must not hold up the writes behind it.
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

/** @throws Failure (usage) where a folder already holds a run */
export async function refuseTaken(directory: string): Promise<void> {
  const isTaken = await access(trialsFile(directory)).then(
    () => true,
    () => false,
  );
  if (isTaken) throw taken(directory);
}

function taken(directory: string, cause?: unknown): Failure {
  return new Failure(
    'usage',
    `${directory} already holds a run.`,
    'Choose another folder with --out, or go on with that run with --resume.',
    { cause },
  );
}

/**
 * Makes the folder of a new run, with run.json and an empty trials.ndjson.
 * @param directory the run's own folder, such as `results/runs/<run-id>`
 * @throws Failure (usage) where the folder already holds a run
 */
export async function createRun(directory: string, run: Run): Promise<RunWriter> {
  const checked = runSchema.parse(run);
  await mkdir(directory, { recursive: true });
  const giveBack = await holdRun(directory);
  let trials: FileHandle;
  try {
    trials = await open(trialsFile(directory), 'ax');
  } catch (cause) {
    await giveBack();
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw taken(directory, cause);
  }
  await replaceFile(runFile(directory), `${JSON.stringify(checked, null, 2)}\n`);
  return new RunWriter(directory, checked, trials, giveBack);
}

/**
 * Opens a run to go on with it. A last line that a kill cut off is removed (its trial is measured again), and a last
 * line that lacks only its line feed gets it.
 * @throws Failure as `readRun` does, and where another process writes the run
 */
export async function openRun(directory: string): Promise<{ writer: RunWriter; stored: StoredRun }> {
  // Before it is read whether it is a run at all, so that nothing is made in a folder that is none.
  await readRunHeader(directory);
  const giveBack = await holdRun(directory);
  try {
    const { stored, tornAtByte, lacksLineFeed } = await readForWriting(directory, { isOurs: true });
    if (tornAtByte !== undefined) await truncate(trialsFile(directory), tornAtByte);
    const trials = await open(trialsFile(directory), 'a');
    if (lacksLineFeed) await trials.appendFile('\n');
    await trials.datasync();
    return { writer: new RunWriter(directory, stored.run, trials, giveBack), stored };
  } catch (error) {
    await giveBack();
    throw error;
  }
}
