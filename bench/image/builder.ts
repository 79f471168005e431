import { createReadStream, createWriteStream, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { connectEngine } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { startIsolatedEngine, stopIsolatedEngine } from '../engine/isolated-engine.ts';
import { withLock } from '../state/lock.ts';
import { stateSubfolder } from '../state/state.ts';
import { baseImageName, baseTar } from './base.ts';
import { buildRecipe, followed } from './build.ts';
import { imageName, type Recipe } from './recipe.ts';

/** Where a recipe's image is kept as a file, so that engines that can't build it can load it. */
export function imageTar(recipe: Recipe): string {
  return join(
    stateSubfolder('images'),
    `${imageName(recipe)
      .replace(/^tare\//, '')
      .replace(':', '-')}.tar`,
  );
}

/**
 * Builds recipes into files, for engines that are cut off from package mirrors: with a short-lived engine on this
 * machine's network, of which it changes nothing (no bridge, no rules, no forwarding).
 * @throws Failure `infrastructure` where base, engine or build fails
 */
export async function buildTars(recipes: readonly Recipe[], progress: (text: string) => void): Promise<void> {
  await withLock('builder', async () => {
    const missing = recipes.filter((recipe) => !existsSync(imageTar(recipe)));
    if (missing.length === 0) return;
    const base = await baseTar(progress);
    const folder = stateSubfolder('builder');
    rmSync(join(folder, 'data'), { recursive: true, force: true });
    const dockerdOptions = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
    const { url } = await startIsolatedEngine({ folder, network: 'host', tied: true, dockerdOptions });
    try {
      const engine = await connectEngine(url, { name: 'the builder', ownership: 'private' });
      await importBase(engine, base);
      progress(`Building ${missing.map((recipe) => recipe.title).join(', ')}`);
      await Promise.all(
        missing.map(async (recipe) => {
          await buildRecipe(engine, recipe, baseImageName);
          await saveTar(engine, recipe);
        }),
      );
    } finally {
      await stopIsolatedEngine(folder);
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Makes the debootstrapped base known to an engine. */
export async function importBase(engine: Engine, tar: string): Promise<void> {
  const [repo, tag] = baseImageName.split(':') as [string, string];
  const output = await engine.docker.importImage(createReadStream(tar), {
    repo,
    tag,
    changes: 'LABEL tare=1',
  });
  await followed(engine.docker, output);
}

/** Writes an engine's image of that recipe into its file. */
export async function saveTar(engine: Engine, recipe: Recipe): Promise<void> {
  const file = imageTar(recipe);
  const fresh = `${file}.${process.pid}`;
  await pipeline(await engine.docker.getImage(imageName(recipe)).get(), createWriteStream(fresh));
  renameSync(fresh, file);
  // Earlier versions of the recipe are of no more use.
  for (const name of readdirSync(dirname(file))) {
    if (name.startsWith(`${recipe.name}-`) && name.endsWith('.tar') && name !== basename(file))
      rmSync(join(dirname(file), name));
  }
}
