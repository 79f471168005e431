import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { labels } from '../engine/labels.ts';
import { removeContainer } from '../engine/remove.ts';
import { stateSubfolder } from '../state/state.ts';
import { digestSchema, toolsSchema } from './kept.ts';
import { unpack } from './unpack.ts';

const imageSchema = z.object({
  Id: digestSchema,
  Created: z.string().max(64),
  RootFS: z.object({ Layers: z.array(digestSchema).min(1).max(200) }),
  RepoDigests: z.array(z.string().max(400)).max(100).nullish(),
});

/** An image as an engine describes it. */
export interface FoundImage {
  readonly id: string;
  /** Digests of what is in it, in order. Engines with different stores give one image different ids, but not these. */
  readonly layers: readonly string[];
  /** The registries' digests of it, such as `sha256:…`; none where it was built or loaded. */
  readonly pulledDigests: readonly string[];
  readonly createdAt: string;
}

/**
 * An engine's image of that name; undefined where it has none.
 * @throws Failure `infrastructure` where what it says of it can't be
 */
export async function findImage(engine: Engine, name: string): Promise<FoundImage | undefined> {
  let answer: unknown;
  try {
    answer = await engine.docker.getImage(name).inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
  const image = imageSchema.safeParse(answer);
  if (!image.success) {
    const issue = image.error.issues[0];
    throw new Failure(
      'infrastructure',
      `what ${engine.name} says of ${name} can't be: ${issue?.path.join('.')}: ${issue?.message}`,
      'An engine that says such a thing is not to be trusted: use another, or one that Tare starts itself.',
    );
  }
  const { Id: id, Created: createdAt, RootFS, RepoDigests } = image.data;
  const digests = (RepoDigests ?? []).map((each) => each.slice(each.indexOf('@') + 1));
  return {
    id,
    createdAt,
    layers: RootFS.Layers,
    pulledDigests: digests.filter((each) => digestSchema.safeParse(each).success),
  };
}

/** The same, where it has to be there. */
export async function theImage(engine: Engine, name: string): Promise<FoundImage> {
  const found = await findImage(engine, name);
  if (found) return found;
  throw new Failure(
    'infrastructure',
    `${engine.name} has no image ${name}`,
    'If it was removed by hand, run the command again: it is made anew.',
  );
}

/** Whether two images have the same content. */
export const isSame = (one: Pick<FoundImage, 'layers'>, other: Pick<FoundImage, 'layers'>): boolean =>
  one.layers.join() === other.layers.join();

/** Does something with a container of an image that is never started; it is removed afterwards. */
export async function withContainer<T>(
  engine: Engine,
  image: string,
  act: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const name = `tare-image-${randomBytes(6).toString('hex')}`;
  // By its name: an answer that is lost leaves a container of which nobody heard. And once more where that fails, since
  // nothing else looks for it while this process lives.
  const remove = () => removeContainer(engine, name).catch(() => removeContainer(engine, name));
  let outcome: T;
  try {
    const container = await engine.docker.createContainer({
      name,
      Image: image,
      Labels: labels('image', { 'tare.role': 'image' }),
      NetworkDisabled: true,
    });
    outcome = await act(container);
  } catch (error) {
    // Why it failed matters; what stays is removed as another run begins.
    await remove().catch(() => undefined);
    throw error;
  }
  await remove();
  return outcome;
}

/** Versions of the toolbox's tools by package, as the image itself lists them. */
export async function toolVersions(engine: Engine, image: string): Promise<Record<string, string>> {
  return withContainer(engine, image, async (container) => {
    const archive = await container.getArchive({ path: '/etc/tare-tools' });
    const folder = await unpack(archive, stateSubfolder('rootfs'), {
      mostBytes: 65_536,
      mostEntries: 2,
      what: `the list of tools of ${image} on ${engine.name}`,
    });
    try {
      return parseTools(await readFile(join(folder, 'tare-tools'), 'utf8'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Reads lines of a package and its version. @throws z.ZodError where a line is anything else */
export function parseTools(text: string): Record<string, string> {
  const lines = text.trim().split('\n');
  const words = z.array(z.tuple([z.string().regex(/^[a-z0-9.+-]+$/), z.string().regex(/^[\w.:~+-]+$/)]));
  return toolsSchema.parse(Object.fromEntries(words.parse(lines.map((each) => each.split(' ')))));
}
