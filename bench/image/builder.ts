import { createReadStream, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connectEngine } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { startIsolatedEngine, stopIsolatedEngine } from '../engine/isolated-engine.ts';
import { withLock } from '../state/lock.ts';
import { stateSubfolder } from '../state/state.ts';
import { baseImageName, keptBase } from './base.ts';
import { writeBounded } from './bounded-file.ts';
import { buildRecipe, followed } from './build.ts';
import { requireSpace } from './disk-space.ts';
import { theImage, toolVersions } from './inspect.ts';
import {
  changeManifest,
  imagesFolder,
  isIntact,
  type KeptBase,
  type KeptImage,
  pathOf,
  readManifest,
} from './kept.ts';
import { imageName, type Recipe, toolboxRecipe } from './recipe.ts';

/** The builder's own data: the base, and the distribution's packages for each recipe. */
const neededBytes = 3e9;
/** The largest is the lab's engine, with 0.2 GB. */
const mostImageBytes = 1e9;

/** What is kept of a recipe; undefined where Tare's own builder has not made it yet, or its file is gone. */
export function keptImage(recipe: Recipe): KeptImage | undefined {
  const kept = readManifest().images[imageName(recipe)];
  return kept && existsSync(pathOf(kept)) ? kept : undefined;
}

/**
 * Builds recipes into files, for engines that are cut off from package mirrors: with a short-lived engine on this
 * machine's network, of which it changes nothing (no bridge, no rules, no forwarding). Only what this engine built is
 * ever kept: an image that another one built might be anything, and these files are run as root.
 * @throws Failure `infrastructure` where base, engine or build fails
 */
export async function buildImages(
  recipes: readonly Recipe[],
  progress: (text: string) => void,
): Promise<void> {
  const build = async () => {
    const missing = recipes.filter((recipe) => !keptImage(recipe));
    if (missing.length === 0) return;
    const folder = stateSubfolder('builder');
    rmSync(join(folder, 'data'), { recursive: true, force: true });
    requireSpace(folder, neededBytes, 'building images');
    const base = await keptBase(progress);
    const dockerdOptions = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
    const { url } = await startIsolatedEngine({ folder, network: 'host', tied: true, dockerdOptions });
    try {
      const engine = await connectEngine(url, { name: 'the builder', ownership: 'private' });
      await importBase(engine, base);
      progress(`Building ${missing.map((recipe) => recipe.title).join(', ')}`);
      const built = await Promise.all(missing.map((recipe) => buildOne(engine, recipe)));
      changeManifest((manifest) => ({
        ...manifest,
        images: { ...manifest.images, ...Object.fromEntries(built) },
      }));
      removeStrayFiles();
    } finally {
      await stopIsolatedEngine(folder);
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await withLock('builder', build, { progress });
}

async function buildOne(engine: Engine, recipe: Recipe): Promise<[string, KeptImage]> {
  await buildRecipe(engine, recipe, baseImageName);
  const name = imageName(recipe);
  const file = `${name.replace(/^tare\//, '').replace(':', '-')}.tar`;
  const layers = [...(await theImage(engine, name)).layers];
  const tools = recipe.name === toolboxRecipe.name ? await toolVersions(engine, name) : {};
  const content = await writeBounded(await engine.docker.getImage(name).get(), pathOf({ file }), {
    mostBytes: mostImageBytes,
    what: recipe.title,
  });
  return [name, { file, ...content, builtAt: new Date().toISOString(), layers, tools }];
}

/** Makes the debootstrapped base known to an engine. */
export async function importBase(engine: Engine, base: KeptBase): Promise<void> {
  const [repo, tag] = baseImageName.split(':') as [string, string];
  const output = await engine.docker.importImage(createReadStream(pathOf(base)), {
    repo,
    tag,
    changes: 'LABEL tare.image=base',
  });
  await followed(engine.docker, output);
}

/** The base, made if need be, for an engine that builds for itself. */
export const baseForImport = (progress: (text: string) => void): Promise<KeptBase> =>
  withLock('builder', () => keptBase(progress), { progress });

/** A kept image whose file is what the builder wrote; undefined where it no longer is. */
export async function intactImage(recipe: Recipe): Promise<KeptImage | undefined> {
  const kept = keptImage(recipe);
  return kept && (await isIntact(kept)) ? kept : undefined;
}

/** Forgets every image, base and digest that is kept. */
export function forgetKept(): Promise<void> {
  return withLock('builder', async () => {
    changeManifest(() => ({ version: 1, images: {}, pulled: {} }));
    removeStrayFiles();
  });
}

/** Removes tar files that the manifest does not vouch for: of earlier recipes, of earlier versions of Tare. */
function removeStrayFiles(): void {
  const { images, base } = readManifest();
  const current = new Set([...Object.values(images), ...(base ? [base] : [])].map(({ file }) => file));
  // A file that is being written has another ending.
  const stray = readdirSync(imagesFolder()).filter((name) => name.endsWith('.tar') && !current.has(name));
  for (const name of stray) rmSync(join(imagesFolder(), name), { force: true });
}
