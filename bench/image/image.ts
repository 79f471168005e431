import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { labels } from '../engine/labels.ts';
import { stateSubfolder } from '../state/state.ts';
import { baseImageName, baseTar } from './base.ts';
import { buildRecipe, followed, hasImage, loadTar } from './build.ts';
import { buildTars, imageTar, importBase, saveTar } from './builder.ts';
import { composeRecipe, imageName, nodeRecipe, type Recipe, toolboxRecipe } from './recipe.ts';
import { toolboxRootfs, toolVersions } from './rootfs.ts';

export { nativeArgv, toolboxRootfs } from './rootfs.ts';

type Report = (text: string) => void;

export interface ToolboxImage {
  /** The engine's digest of it. */
  readonly id: string;
  readonly name: string;
  /** Package version of each tool, such as `iperf3` → `3.18-2+deb13u2`. */
  readonly tools: Readonly<Record<string, string>>;
}

/**
 * Makes sure that an engine has the toolbox image: found, loaded from the state folder, or built.
 * @throws Failure `infrastructure` where it can be had in none of these ways
 */
export async function ensureToolbox(engine: Engine, progress: Report): Promise<ToolboxImage> {
  await ensureImage(engine, toolboxRecipe, progress);
  const name = imageName(toolboxRecipe);
  const { Id: id } = await engine.docker.getImage(name).inspect();
  return { id, name, tools: await toolVersions(await toolboxRootfs(engine, name)) };
}

/**
 * Makes sure that an engine has the image of a lab node.
 * @returns its name
 */
export async function ensureNodeImage(engine: Engine, progress: Report): Promise<string> {
  await ensureImage(engine, nodeRecipe(), progress);
  return imageName(nodeRecipe());
}

const debianBase = 'debian:trixie-slim';

/** Makes sure that an engine has the image of a recipe, whichever way it can be had. */
async function ensureImage(engine: Engine, recipe: Recipe, progress: Report): Promise<void> {
  if (await hasImage(engine, imageName(recipe))) return;
  const cutOff = engine.ownership !== 'user';
  if (cutOff && !existsSync(imageTar(recipe))) {
    // The others will be wanted as well before long, and cost little more while the builder is up.
    await buildTars([toolboxRecipe, nodeRecipe(), composeRecipe], progress);
  }
  if (existsSync(imageTar(recipe)) && (await isNative(engine))) {
    progress(`Loading ${recipe.title} into ${engine.name}`);
    await loadTar(engine, imageTar(recipe));
    return;
  }
  const base = await baseOn(engine, progress);
  progress(`Building ${recipe.title} on ${engine.name}`);
  await buildRecipe(engine, recipe, base);
  if (await isNative(engine)) await saveTar(engine, recipe);
}

/** The base image on an engine: there, pulled, or imported from a tree made on this machine. */
async function baseOn(engine: Engine, progress: Report): Promise<string> {
  for (const name of [debianBase, baseImageName]) if (await hasImage(engine, name)) return name;
  try {
    progress(`Pulling ${debianBase} on ${engine.name}`);
    await followed(engine.docker, await engine.docker.pull(debianBase));
    return debianBase;
  } catch {
    // No registry in reach: expected on machines that are cut off, and the next way needs none.
  }
  if (!(await isNative(engine))) {
    throw new Failure(
      'infrastructure',
      `${engine.name} can't pull ${debianBase}, and one made here would be of the wrong architecture`,
      `Load ${debianBase} into it: \`docker save\` on a machine that has it, \`docker load\` there.`,
    );
  }
  await importBase(engine, await baseTar(progress));
  return baseImageName;
}

/** Whether images made on this machine run on that engine. */
async function isNative(engine: Engine): Promise<boolean> {
  const { Architecture: architecture, OSType: system } = await engine.docker.info();
  const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return system === 'linux' && process.platform === 'linux' && architecture === own;
}

/**
 * Gives an engine the same image that another has, byte for byte; nothing is done where it has it already.
 * @throws Failure `infrastructure` where the two still differ afterwards
 */
export async function copyImage(from: Engine, to: Engine, name: string): Promise<void> {
  if (from.id === to.id) return;
  const wanted = await layersOf(from, name);
  if ((await hasImage(to, name)) && (await layersOf(to, name)) === wanted) return;
  const kept = imageTar(toolboxRecipe);
  const usable = name === imageName(toolboxRecipe) && existsSync(kept);
  await loadTar(to, usable ? kept : await from.docker.getImage(name).get());
  if ((await layersOf(to, name)) === wanted) return;
  if (usable) await loadTar(to, await from.docker.getImage(name).get());
  if ((await layersOf(to, name)) === wanted) return;
  throw new Failure(
    'infrastructure',
    `${name} is not the same on ${from.name} and ${to.name}`,
    `Remove it on both (\`docker rmi ${name}\`) and run the command again.`,
  );
}

/** What is in an image: its layers' digests. Engines with different stores give one image different ids. */
async function layersOf(engine: Engine, name: string): Promise<string> {
  const { RootFS: rootfs } = await engine.docker.getImage(name).inspect();
  return (rootfs?.Layers ?? []).join(' ');
}

/** Names of the toolbox images that an engine has, of this version's and earlier recipes. */
export async function imagesOf(engine: Engine): Promise<string[]> {
  const images = await engine.docker.listImages({ filters: { reference: ['tare/toolbox'] } });
  return images.flatMap((image) => image.RepoTags ?? []);
}

/** Where docker-compose is kept, when Tare had to bring its own. */
export const ownCompose = () => join(stateSubfolder('bin'), 'docker-compose');

/** Brings docker-compose into the state folder, out of an image built for it. */
export async function ensureOwnCompose(engine: Engine, progress: Report): Promise<string> {
  const program = ownCompose();
  if (existsSync(program)) return program;
  await ensureImage(engine, composeRecipe, progress);
  const folder = mkdtempSync(join(stateSubfolder('bin'), '.new-'));
  try {
    const container = await engine.docker.createContainer({
      Image: imageName(composeRecipe),
      Labels: labels('image'),
    });
    try {
      const archive = await container.getArchive({ path: '/docker-compose' });
      await execa('tar', ['--extract', '--directory', folder], { input: archive as never });
    } finally {
      await container.remove({ force: true });
    }
    renameSync(join(folder, 'docker-compose'), program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return program;
}
