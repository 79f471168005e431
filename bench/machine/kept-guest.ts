import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../results/failure.ts';
import { type RecipeIdentity, recipeIdentitySchema } from '../../results/schema.ts';
import { buildImages, intactImage } from '../image/builder.ts';
import { requireSpace } from '../image/disk-space.ts';
import { pathOf } from '../image/kept.ts';
import { imageName, toolboxRecipe } from '../image/recipe.ts';
import { withLock } from '../state/lock.ts';
import { stateSubfolder } from '../state/state.ts';
import { counterPlugin, guestAgentProgram, sourceOf } from './compile.ts';
import { type Emulator, ensureEmulator } from './emulator.ts';
import { type GuestFiles, guestFiles, guestSourceTexts, makeGuestFiles } from './guest-disk.ts';
import { emulatorOptions } from './guest-process.ts';
import { watchedCalls } from './guest-survey.ts';
import { contentOfImage, identityOf } from './identity.ts';
import { keptMachines, workFolder } from './machine-folders.ts';
import { makingFault, neededBytes } from './making-fault.ts';
import type { Recipe } from './recipe.ts';

const identityFile = 'recipe.json';
/** Goes up as what lies in a kept guest's folder changes otherwise than by what it is made of. */
const format = 2;

/** What guests of a recipe boot from. */
export interface KeptGuest {
  readonly folder: string;
  readonly emulator: Emulator;
  readonly recipe: Recipe;
  readonly files: GuestFiles;
  readonly identity: RecipeIdentity;
}

export interface MakingOptions {
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  /** Make it anew from today's packages, and its snapshot with it. */
  readonly rebuild?: boolean | undefined;
}

/**
 * What guests of a recipe boot from, made where it is not there: from the packages of today, which it keeps.
 * @throws Failure `infrastructure` where it can't be made; nothing is left then
 */
export async function ensureGuest(recipe: Recipe, options: MakingOptions): Promise<KeptGuest> {
  const { progress, signal, rebuild } = options;
  const emulator = await ensureEmulator(progress, signal);
  const folder = join(keptMachines(), keyOf(recipe, emulator));
  const make = async () => {
    if (existsSync(folder) && !rebuild) return;
    requireSpace(keptMachines(), neededBytes, 'making a machine');
    const toolbox = await toolboxFile(progress);
    const fresh = workFolder();
    try {
      progress(`Making a machine: kernel of Debian ${recipe.kernel}, Docker of ${recipe.docker}`);
      const packages = await makeGuestFiles(recipe, emulator, fresh, signal);
      const content = { tools: toolbox.tools, sha256: await contentOfImage(toolbox.file) };
      const identity = identityOf(recipe, { emulator, packages, toolbox: content, sources: ownSources() });
      writeFileSync(join(fresh, identityFile), `${JSON.stringify(identity, null, 2)}\n`);
      // What runs from it goes on: its files are open.
      rmSync(folder, { recursive: true, force: true });
      renameSync(fresh, folder);
    } catch (error) {
      throw makingFault(error, keptMachines(), signal);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  };
  // It appears whole, so who finds it needs not wait for others who make another.
  if (rebuild || !existsSync(folder)) await withLock('machine', make, { progress, signal });
  const identity = recipeIdentitySchema.parse(JSON.parse(readFileSync(join(folder, identityFile), 'utf8')));
  const files = {
    kernel: join(folder, guestFiles.kernel),
    initrd: join(folder, guestFiles.initrd),
    disk: join(folder, guestFiles.disk),
  };
  return { folder, emulator, recipe, files, identity };
}

/** What of Tare's own runs in a guest or counts it, but the guest's scripts. */
const ownSources = () =>
  Object.fromEntries([counterPlugin, guestAgentProgram].map((each) => [each.name, sourceOf(each)]));

/** By what is asked for and by what Tare itself puts in; the packages' versions are those of when it was made. */
function keyOf(recipe: Recipe, emulator: Emulator): string {
  const own = [guestSourceTexts(), ownSources(), watchedCalls, imageName(toolboxRecipe)];
  const parts = [format, recipe, emulator.version, emulatorOptions, ...own];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/**
 * The toolbox image as a file, built where it is not there.
 * @throws Failure `infrastructure` where it can't be built
 */
export async function toolboxFile(progress: (text: string) => void) {
  await buildImages([toolboxRecipe], progress);
  const kept = await intactImage(toolboxRecipe);
  if (kept) return { file: pathOf(kept), tools: kept.tools };
  throw new Failure(
    'infrastructure',
    `the file of the toolbox image is not what was just written into ${stateSubfolder('images')}`,
    'Check that disk, or set TARE_STATE to a folder on another.',
  );
}
