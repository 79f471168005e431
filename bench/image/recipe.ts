import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../state/package-root.ts';

/** An image that Tare builds: its Dockerfile and the files that go into it. */
export interface Recipe {
  readonly name: 'toolbox' | 'node' | 'compose';
  /** For progress lines. */
  readonly title: string;
  readonly dockerfile: string;
  /** The build context: every file that the Dockerfile copies, and itself. */
  readonly files: readonly string[];
  readonly buildArguments: Readonly<Record<string, string>>;
}

/** What both ends of every pair run. */
export const toolboxRecipe: Recipe = {
  name: 'toolbox',
  title: 'the toolbox image',
  dockerfile: 'Dockerfile',
  files: ['Dockerfile', 'pick-files.sh', 'toolbox.files'],
  buildArguments: {},
};

/** The Docker Engine of a lab node. `TARE_LAB_ENGINE_VERSION` names another package version than the distribution's. */
export const nodeRecipe = (): Recipe => ({
  name: 'node',
  title: "the lab's engine image",
  dockerfile: 'engine.Dockerfile',
  files: ['engine.Dockerfile', 'pick-files.sh', 'engine.files', 'node.sh'],
  buildArguments: { ENGINE_VERSION: process.env.TARE_LAB_ENGINE_VERSION ?? '' },
});

/** Nothing but the docker-compose program, for machines without one. */
export const composeRecipe: Recipe = {
  name: 'compose',
  title: 'docker-compose',
  dockerfile: 'compose.Dockerfile',
  files: ['compose.Dockerfile'],
  buildArguments: {},
};

/** Folder of the Dockerfiles. */
export const imageFolder = () => join(packageRoot(), 'bench', 'image');

/** `tare/toolbox:3f9c…`: the tag is a digest of all that the image is made from, so a change builds anew. */
export function imageName(recipe: Recipe): string {
  const digest = createHash('sha256').update(JSON.stringify(recipe.buildArguments));
  for (const file of recipe.files) digest.update(`${file}\0`).update(readFileSync(join(imageFolder(), file)));
  return `tare/${recipe.name}:${digest.digest('hex').slice(0, 12)}`;
}
