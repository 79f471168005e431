import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { stateSubfolder } from '../state/state.ts';
import { baseImageName } from './base.ts';
import { buildRecipe, loadTar, pruneStages } from './build.ts';
import { baseForImport, buildImages, forgetKept, importBase, intactImage, keptImage } from './builder.ts';
import { findImage, isSame, theImage, toolVersions, withContainer } from './inspect.ts';
import { type KeptImage, pathOf } from './kept.ts';
import { pullBase } from './pull-base.ts';
import { composeRecipe, imageName, nodeRecipe, type Recipe, toolboxRecipe } from './recipe.ts';
import { unpack } from './unpack.ts';

export { nativeArgv, toolboxRootfs } from './rootfs.ts';

type Report = (text: string) => void;

export interface ToolboxImage {
  /** The engine's digest of it. */
  readonly id: string;
  readonly name: string;
  /** Digests of its content, by which it is compared between engines. */
  readonly layers: readonly string[];
  /** Package version of each tool, such as `iperf3` → `3.18-2+deb13u2`. */
  readonly tools: Readonly<Record<string, string>>;
  /** When it was built, as ISO 8601. */
  readonly builtAt: string;
}

/**
 * Makes sure that an engine has the toolbox image. An engine of Tare's own gets the one that Tare's own builder made,
 * and so does somebody's where there is one; otherwise somebody's engine builds it for itself, and for no other.
 * @throws Failure `infrastructure` where it can be had in none of these ways
 */
export async function ensureToolbox(engine: Engine, progress: Report): Promise<ToolboxImage> {
  await ensureImage(engine, toolboxRecipe, progress);
  return toolboxOn(engine);
}

/**
 * Forgets what was built and pulled, also on these engines of somebody's, so that images are made anew from today's
 * packages when they are next needed.
 */
export async function forgetImages(engines: readonly Engine[]): Promise<void> {
  await forgetKept();
  for (const engine of engines.filter(({ ownership }) => ownership === 'user')) {
    for (const name of await imagesOf(engine)) await engine.docker.getImage(name).remove({ force: true });
  }
}

/** The toolbox image that an engine has. @throws Failure where it has none */
export async function toolboxOn(engine: Engine): Promise<ToolboxImage> {
  const name = imageName(toolboxRecipe);
  const { id, layers, createdAt } = await theImage(engine, name);
  const kept = keptImage(toolboxRecipe);
  if (kept && isSame(kept, { layers })) {
    return { id, name, layers, tools: kept.tools, builtAt: kept.builtAt };
  }
  return { id, name, layers, tools: await toolVersions(engine, name), builtAt: createdAt };
}

/**
 * Makes sure that an engine has the toolbox that another has, so that both ends of a pair run the same programs: the
 * same bytes, or, where each of two engines of somebody's built its own, the same version of every tool.
 * @throws Failure `infrastructure` where they differ
 */
export async function matchToolbox(engine: Engine, wanted: ToolboxImage, progress: Report): Promise<void> {
  const found = engine.ownership === 'user' ? await ensureToolbox(engine, progress) : await toolboxOn(engine);
  if (isSame(found, wanted)) return;
  const names = [...new Set([...Object.keys(found.tools), ...Object.keys(wanted.tools)])].sort();
  const differing = names.filter((name) => found.tools[name] !== wanted.tools[name]);
  if (differing.length === 0) return;
  const [first = ''] = differing;
  throw new Failure(
    'infrastructure',
    `${engine.name} has other tools in ${wanted.name} than the other engine: ${first} ${found.tools[first] ?? '(none)'} against ${wanted.tools[first] ?? '(none)'}`,
    `Remove it on both (\`docker rmi ${wanted.name}\`) and run the command again, so that both build it from the same packages.`,
  );
}

/**
 * Makes sure that an engine has the image of a lab node.
 * @returns its name
 */
export async function ensureNodeImage(engine: Engine, progress: Report): Promise<string> {
  await ensureImage(engine, nodeRecipe(), progress);
  return imageName(nodeRecipe());
}

/** Makes sure that an engine has the image of a recipe, whichever way it can be had. */
async function ensureImage(engine: Engine, recipe: Recipe, progress: Report): Promise<void> {
  const [there, native] = [await findImage(engine, imageName(recipe)), await isNative(engine)];
  if (engine.ownership !== 'user' && native) {
    const kept = keptImage(recipe);
    if (there && kept && isSame(there, kept)) return;
    await loadKept(engine, recipe, await builtHere(recipe, progress), progress);
    return;
  }
  const kept = native ? await intactImage(recipe) : undefined;
  if (kept && !(there && isSame(there, kept))) await loadKept(engine, recipe, kept, progress);
  if (kept || there) return;
  const base = await baseOn(engine, progress);
  progress(`Building ${recipe.title} on ${engine.name}`);
  await buildRecipe(engine, recipe, base);
  await pruneStages(engine);
}

/** The file of a recipe's image, built by Tare's own builder where it is not there or not whole. */
async function builtHere(recipe: Recipe, progress: Report): Promise<KeptImage> {
  const kept = await intactImage(recipe);
  if (kept) return kept;
  // The others will be wanted as well before long, and cost little more while the builder is up.
  await buildImages(
    [recipe, ...[toolboxRecipe, nodeRecipe(), composeRecipe].filter(({ name }) => name !== recipe.name)],
    progress,
  );
  const built = await intactImage(recipe);
  if (built) return built;
  throw new Failure(
    'infrastructure',
    `the file of ${recipe.title} is not what was just written into ${stateSubfolder('images')}`,
    'Check that disk, or set TARE_STATE to a folder on another.',
  );
}

/** Loads what Tare's builder made, and makes sure that the engine now has that. */
async function loadKept(engine: Engine, recipe: Recipe, kept: KeptImage, progress: Report): Promise<void> {
  progress(`Loading ${recipe.title} into ${engine.name}`);
  await loadTar(engine, pathOf(kept), kept.bytes);
  if (isSame(await theImage(engine, imageName(recipe)), kept)) return;
  throw new Failure(
    'infrastructure',
    `${engine.name} does not have the content of ${imageName(recipe)} that it was given`,
    'An engine that changes an image is not to be trusted: use another, or one that Tare starts itself.',
  );
}

/** The base image on an engine: pulled, or imported from a tree made on this machine. */
async function baseOn(engine: Engine, progress: Report): Promise<string> {
  const pulled = await pullBase(engine, progress);
  if (pulled) return pulled;
  if (!(await isNative(engine))) {
    throw new Failure(
      'infrastructure',
      `${engine.name} can't pull a base image, and one made here would be of the wrong architecture`,
      'Load debian:trixie-slim into it: `docker save` on a machine that has it, `docker load` there.',
    );
  }
  const base = await baseForImport(progress);
  // A layer's digest is that of the tar file that it was imported from.
  const wanted = { layers: [`sha256:${base.sha256}`] };
  const there = await findImage(engine, baseImageName);
  if (!there || !isSame(there, wanted)) await importBase(engine, base);
  if (isSame(await theImage(engine, baseImageName), wanted)) return baseImageName;
  throw new Failure(
    'infrastructure',
    `${engine.name} does not have the content of ${baseImageName} that it was given`,
    'An engine that changes an image is not to be trusted: use another, or one that Tare starts itself.',
  );
}

/** Whether images made on this machine run on that engine. */
async function isNative(engine: Engine): Promise<boolean> {
  const { Architecture: architecture, OSType: system } = await engine.docker.info();
  const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return system === 'linux' && process.platform === 'linux' && architecture === own;
}

/**
 * Gives a lab's node the same image that the engine under it has, byte for byte; nothing is done where it has it.
 * @throws Failure `infrastructure` where the two still differ afterwards
 */
export async function copyImage(from: Engine, to: Engine, name: string): Promise<void> {
  if (from.id === to.id) return;
  const wanted = await theImage(from, name);
  const before = await findImage(to, name);
  if (before && isSame(before, wanted)) return;
  const kept = name === imageName(toolboxRecipe) ? await intactImage(toolboxRecipe) : undefined;
  if (kept && isSame(kept, wanted)) await loadTar(to, pathOf(kept), kept.bytes);
  else await loadTar(to, await from.docker.getImage(name).get());
  if (isSame(await theImage(to, name), wanted)) return;
  throw new Failure(
    'infrastructure',
    `${name} is not the same on ${from.name} and ${to.name}`,
    `Remove it on both (\`docker rmi ${name}\`) and run the command again.`,
  );
}

/** Names of the toolbox images that an engine has, of this version's and earlier recipes. */
export async function imagesOf(engine: Engine): Promise<string[]> {
  const images = await engine.docker.listImages({ filters: { reference: ['tare/toolbox'] } });
  return images.flatMap((image) => image.RepoTags ?? []);
}

/** Where docker-compose is kept, when Tare had to bring its own: named after its recipe, which only Tare's builder follows. */
export const ownCompose = () =>
  join(
    stateSubfolder('bin'),
    imageName(composeRecipe)
      .replace(/^tare\//, 'docker-')
      .replace(':', '-'),
  );

/**
 * Brings docker-compose into the state folder, out of an image that Tare's own builder made for it.
 * @param engine of Tare's own: what is unpacked is run on this machine
 */
export async function ensureOwnCompose(engine: Engine, progress: Report): Promise<string> {
  const program = ownCompose();
  if (existsSync(program)) return program;
  if (engine.ownership === 'user') {
    throw new Failure(
      'infrastructure',
      'docker compose is not installed on this machine',
      'Install it (package docker-compose-plugin or docker-compose, version 2), or let the lab stand on an engine that Tare starts.',
    );
  }
  await ensureImage(engine, composeRecipe, progress);
  const parent = stateSubfolder('bin');
  const what = 'the archive with docker-compose';
  await withContainer(engine, imageName(composeRecipe), async (container) => {
    const archive = await container.getArchive({ path: '/docker-compose' });
    const folder = await unpack(archive, parent, { mostBytes: 300e6, mostEntries: 1, what });
    try {
      renameSync(join(folder, 'docker-compose'), program);
      for (const name of readdirSync(parent)) {
        if (name.startsWith('docker-compose') && join(parent, name) !== program) rmSync(join(parent, name));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return program;
}
