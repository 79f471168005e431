import { createReadStream } from 'node:fs';
import type Docker from 'dockerode';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { imageFolder, imageName, type Recipe } from './recipe.ts';

interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
}

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
    throw new Failure(
      'infrastructure',
      `${recipe.title} can't be built on ${engine.name}: ${failed.error} (${before.join(' · ')})`,
      'Make sure that this machine reaches its package mirror and has 2 GB free, then run the command again.',
    );
  }
  // The stage that held the whole distribution is of no more use.
  await docker.pruneImages({ filters: { dangling: ['true'], label: ['tare=1'] } });
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

/** Whether an engine has an image of that name. */
export async function hasImage(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** Loads a saved image. */
export async function loadTar(engine: Engine, tar: string | NodeJS.ReadableStream): Promise<void> {
  const stream = typeof tar === 'string' ? createReadStream(tar) : tar;
  const events = await followed(
    engine.docker,
    await engine.docker.loadImage(stream as NodeJS.ReadableStream),
  );
  const failed = events.find((event) => event.error);
  if (failed) {
    throw new Failure(
      'infrastructure',
      `${engine.name} can't load an image: ${failed.error}`,
      'Make sure that its disk has 1 GB free.',
    );
  }
}
