import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from './failure.ts';
import { type OwnerState, ownerPid, ownerState, ownOwner } from './owner.ts';

const holderSchema = z.strictObject({
  /** Process that writes the run, as `ownOwner` names it. */
  owner: z.string().max(200),
  /** ISO 8601, UTC. */
  since: z.iso.datetime(),
});

/** Who writes a run, and whether that process lives. */
export interface RunHolder {
  readonly state: OwnerState;
  readonly pid: number | undefined;
  /** ISO 8601, UTC; absent where the file does not tell. */
  readonly since?: string;
}

/** A run's holders leave files with ascending numbers; only the newest can be of a process that still writes. */
const holderName = /^writer-(\d{1,9})\.json$/;
const holderFile = (directory: string, turn: number): string => join(directory, `writer-${turn}.json`);

interface Turn {
  readonly turn: number;
  readonly holder: RunHolder;
}

/** Who has a run open for writing; undefined where nobody says so. */
export async function holderOf(directory: string): Promise<RunHolder | undefined> {
  const turns = await turnsOf(directory);
  return (turns.find(({ holder }) => stillWrites(holder)) ?? turns.at(-1))?.holder;
}

/** Whether a run is being written now, as far as can be told from here. */
export async function isBeingWritten(directory: string): Promise<boolean> {
  return stillWrites(await holderOf(directory));
}

let asked = 0;

/**
 * Takes a run for this process, so that no other writes it: by a file that names the process, which counts no more once
 * that process has ended. A dead holder's file is never replaced, as two that find it would take each other's away: the
 * next number is taken, which only one of them can make.
 * @returns what gives it back
 * @throws Failure `usage` where another process writes it, or may
 */
export async function holdRun(directory: string): Promise<() => Promise<void>> {
  const own = join(directory, `.writer-${process.pid}-${asked++}`);
  await writeFile(own, `${JSON.stringify({ owner: ownOwner(), since: new Date().toISOString() })}\n`);
  try {
    for (;;) {
      const found = await turnsOf(directory);
      const turn = (found.at(-1)?.turn ?? 0) + 1;
      refuseWhileWritten(directory, found);
      try {
        // A link is there with its content or not at all.
        await link(own, holderFile(directory, turn));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      const giveBack = () => rm(holderFile(directory, turn), { force: true });
      const others = (await turnsOf(directory)).filter((each) => each.turn !== turn);
      try {
        // Whoever read the folder before an earlier holder left may have taken another number than one who read it later.
        refuseWhileWritten(directory, others);
      } catch (error) {
        await giveBack();
        throw error;
      }
      for (const dead of others) await rm(holderFile(directory, dead.turn), { force: true });
      return giveBack;
    }
  } finally {
    await rm(own, { force: true });
  }
}

function refuseWhileWritten(directory: string, turns: readonly Turn[]): void {
  const writing = turns.find(({ holder }) => stillWrites(holder));
  if (writing) throw refusal(directory, writing);
}

/** All holders' files, by their number. */
async function turnsOf(directory: string): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (const name of await namesIn(directory)) {
    const turn = Number(holderName.exec(name)?.[1] ?? Number.NaN);
    const text = Number.isNaN(turn) ? undefined : await textOf(join(directory, name));
    if (text !== undefined) turns.push({ turn, holder: read(text) });
  }
  return turns.sort((a, b) => a.turn - b.turn);
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(ifAbsent([]));
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(ifAbsent(undefined));
}

function ifAbsent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead;
    throw error;
  };
}

function read(text: string): RunHolder {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Cut off by a power cut: whoever wrote it is gone.
  }
  const parsed = holderSchema.safeParse(json);
  if (!parsed.success) return { state: 'unknown', pid: undefined };
  const { owner, since } = parsed.data;
  return { state: ownerState(owner), pid: ownerPid(owner), since };
}

function stillWrites(holder: RunHolder | undefined): boolean {
  return holder?.state === 'lives' || holder?.state === 'elsewhere';
}

function refusal(directory: string, { turn, holder: { state, pid, since } }: Turn): Failure {
  const when = since === undefined ? '' : ` since ${since.slice(0, 19).replace('T', ' ')} UTC`;
  if (state === 'lives') {
    return new Failure(
      'usage',
      `the run in ${directory} is being measured by process ${pid}${when}`,
      `Wait for it, or interrupt it: kill -INT ${pid}`,
    );
  }
  return new Failure(
    'usage',
    `the run in ${directory} may be being measured by process ${pid} of another machine or container${when}`,
    `If that has ended, remove ${holderFile(directory, turn)}.`,
  );
}
