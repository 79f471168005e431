import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { stateSubfolder } from '../state/state.ts';
import { contentOf } from './bounded-file.ts';

/** sha256, as engines write it; anything else that an engine calls an id is refused, since ids become file names. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
/** Package version of each tool in an image. */
export const toolsSchema = z.record(z.string().max(100), z.string().max(100));

const fileSchema = z.object({
  /** Its name in the folder of images. */
  file: z.string().regex(/^[\w.-]+\.tar$/),
  sha256: sha256Schema,
  bytes: z.number().int().positive(),
  builtAt: z.iso.datetime(),
});
const keptImageSchema = fileSchema.extend({
  layers: z.array(digestSchema).min(1),
  tools: toolsSchema,
});
const keptBaseSchema = fileSchema.extend({
  /** Of the distribution's Release file, whose signature was checked, and which vouches for every package. */
  releaseSha256: sha256Schema,
});
const manifestSchema = z.object({
  version: z.literal(1),
  images: z.record(z.string(), keptImageSchema),
  base: keptBaseSchema.optional(),
  /** What a base image's name meant when it was first pulled. */
  pulled: z.record(z.string(), digestSchema),
});

/** An image that Tare's own builder made, as a file of the state folder. */
export type KeptImage = z.infer<typeof keptImageSchema>;
/** The distribution that it was made from. */
export type KeptBase = z.infer<typeof keptBaseSchema>;
type Manifest = z.infer<typeof manifestSchema>;

/** Folder of the images that are kept as files. */
export const imagesFolder = () => stateSubfolder('images');
const manifestFile = () => join(imagesFolder(), 'manifest.json');
const empty: Manifest = { version: 1, images: {}, pulled: {} };

/** What is known of the files; a manifest that is missing or broken vouches for nothing, so all is made anew. */
export function readManifest(): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(manifestFile(), 'utf8')));
  } catch {
    return empty;
  }
}

/** Changes the manifest, all of it or nothing. Whoever calls this holds the builder's lock. */
export function changeManifest(change: (manifest: Manifest) => Manifest): void {
  const fresh = `${manifestFile()}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(change(readManifest()), null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, manifestFile());
}

/** Where a file of the manifest lies. */
export const pathOf = ({ file }: { readonly file: string }) => join(imagesFolder(), file);

/** Whether a kept file is still what was recorded of it, to the byte; one that isn't is removed. */
export async function isIntact(kept: KeptImage | KeptBase): Promise<boolean> {
  const content = await contentOf(pathOf(kept)).catch(() => undefined);
  if (content?.sha256 === kept.sha256 && content.bytes === kept.bytes) return true;
  rmSync(pathOf(kept), { force: true });
  return false;
}
