import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import { bytesText } from '../../results/figure-text.ts';
import type { Engine } from '../engine/engine.ts';
import { isDiskFull } from './disk-space.ts';
import { imageFolder, imageName, type Recipe } from './recipe.ts';

interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
}

/** The key that Tare's images are labelled with. Containers inherit it, so nothing that is removed is sought by it. */
export const imageLabel = 'tare.image';

/**
 * Builds a recipe on an engine with the classic builder, which every engine has, on the network of the engine's host.
 * @throws Failure `infrastructure` with the builder's last words
 */
export async function buildRecipe(engine: Engine, recipe: Recipe, base: string): Promise<void> {
  const { docker } = engine;
  const output = await docker.buildImage(
    { context: imageFolder(), src: [...recipe.files] },
    {
      t: imageName(recipe),
      dockerfile: recipe.dockerfile,
      buildargs: { ...recipe.buildArguments, BASE: base },
      networkmode: 'host',
      nocache: true,
      forcerm: true,
    },
  );
  const events = await followed(docker, output);
  const failed = events.find((event) => event.error);
  if (failed) {
    const before = events
      .filter((event) => event.stream?.trim())
      .slice(-4)
      .map((event) => event.stream?.trim());
    const said = `${failed.error} (${before.join(' · ')})`;
    throw new Failure(
      'infrastructure',
      `${recipe.title} can't be built on ${engine.name}: ${said}`,
      isDiskFull(said)
        ? `Free 2 GB in ${await dataFolder(engine)} on its host.`
        : 'Make sure that this machine reaches its package mirror and has 2 GB free, then run the command again.',
    );
  }
}

/**
 * Removes the stages that builds have left, which held the whole distribution. Never while another build goes on: what
 * that one stands on looks the same.
 */
export async function pruneStages({ docker }: Engine): Promise<void> {
  // An engine prunes one thing at a time; whoever else is at it takes these along.
  await docker.pruneImages({ filters: { dangling: ['true'], label: [imageLabel] } }).catch(() => undefined);
}

/** Waits for a stream of build, load or pull events to end. */
export function followed(docker: Docker, stream: NodeJS.ReadableStream): Promise<BuildEvent[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, events: BuildEvent[]) => {
      // An event with an error reaches us both ways; the caller wants it with the rest of the output.
      if (error && !events?.some((event) => event.error)) reject(error);
      else resolve(events);
    });
  });
}

/** Loads a saved image, which is `bytes` large as far as that is known. */
export async function loadTar(
  engine: Engine,
  tar: string | NodeJS.ReadableStream,
  bytes?: number,
): Promise<void> {
  const stream = typeof tar === 'string' ? createReadStream(tar) : tar;
  const events = await followed(
    engine.docker,
    await engine.docker.loadImage(stream as NodeJS.ReadableStream),
  );
  const failed = events.find((event) => event.error);
  if (!failed) return;
  // The archive while it is taken apart, and the layers that come of it.
  const needed = bytes === undefined ? '1 GB' : bytesText(2 * bytes);
  throw new Failure(
    'infrastructure',
    `${engine.name} can't load an image: ${failed.error}`,
    `Make sure that ${await dataFolder(engine)} on its host has ${needed} free.`,
  );
}

/** Where an engine keeps its images, in words where it does not say. */
async function dataFolder(engine: Engine): Promise<string> {
  const { DockerRootDir: folder } = await engine.docker.info().catch(() => ({ DockerRootDir: undefined }));
  return typeof folder === 'string' && /^[\x20-\x7e]{1,200}$/.test(folder) ? folder : 'its data folder';
}
