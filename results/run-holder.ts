import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

const holderFile = (directory: string): string => join(directory, 'writer.json');

/** Who has a run open for writing; undefined where nobody says so. */
export async function holderOf(directory: string): Promise<RunHolder | undefined> {
  const text = await textOf(directory);
  return text === undefined ? undefined : read(text);
}

/** Whether a run is being written now, as far as can be told from here. */
export async function isBeingWritten(directory: string): Promise<boolean> {
  return stillWrites(await holderOf(directory));
}

/**
 * Takes a run for this process, so that no other writes it: by a file that names the process, which counts no more once
 * that process has ended.
 * @returns what gives it back
 * @throws Failure `usage` where another process writes it, or may
 */
export async function holdRun(directory: string): Promise<() => Promise<void>> {
  const file = holderFile(directory);
  const own = `${file}.${process.pid}`;
  const mine = `${JSON.stringify({ owner: ownOwner(), since: new Date().toISOString() })}\n`;
  await writeFile(own, mine);
  try {
    for (;;) {
      try {
        // A link is there with its content or not at all.
        await link(own, file);
        return () => giveBack(directory, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const found = await textOf(directory);
      if (found === undefined) continue;
      const holder = read(found);
      if (stillWrites(holder)) throw refusal(directory, holder);
      await takeAway(directory, found);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Takes a dead holder's file away, and puts it back where another process was quicker and it is that one's by now. */
async function takeAway(directory: string, found: string): Promise<void> {
  const file = holderFile(directory);
  const aside = `${file}.dead-${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== found) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function giveBack(directory: string, mine: string): Promise<void> {
  if ((await textOf(directory)) === mine) await rm(holderFile(directory), { force: true });
}

async function textOf(directory: string): Promise<string | undefined> {
  try {
    return await readFile(holderFile(directory), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
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

function refusal(directory: string, { state, pid, since }: RunHolder): Failure {
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
    `If that has ended, remove ${holderFile(directory)}.`,
  );
}
