import { join } from 'node:path';
import { z } from 'zod';
import { type Evidence, evidenceSchema } from './evidence.ts';
import { Failure } from './failure.ts';
import { readBounded } from './read-bounded.ts';
import { replaceFile } from './replace-file.ts';

const claimsSchema = z
  .array(evidenceSchema)
  .refine((all) => new Set(all.map(({ claim }) => claim)).size === all.length, 'a claim stands twice');

/** Where a run's folder keeps what was found by trying the guide's claims. */
export const claimsFile = (directory: string): string => join(directory, 'claims.json');

/** Writes the evidence whole; at every instant the file on disk is either the old one or the new one. */
export async function writeClaims(directory: string, evidence: readonly Evidence[]): Promise<void> {
  const checked = claimsSchema.parse(evidence);
  await replaceFile(claimsFile(directory), `${JSON.stringify(checked, null, 2)}\n`);
}

/**
 * The evidence kept with a run.
 * @returns undefined where nothing was tried
 * @throws Failure `usage` where the file is damaged
 */
export async function readClaims(directory: string): Promise<readonly Evidence[] | undefined> {
  const path = claimsFile(directory);
  let text: string;
  try {
    text = await readBounded(path, 16 << 20);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  const remedy = 'Restore the file from a copy, or remove it and try the claims again.';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure('usage', `${path} is not JSON.`, remedy, { cause });
  }
  const parsed = claimsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Failure('usage', `${path}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}.`, remedy);
}
