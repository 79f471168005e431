import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ageRemark } from '../../bench/image/age.ts';
import { composeRecipe, imageFolder, nodeRecipe, toolboxRecipe } from '../../bench/image/recipe.ts';

describe.each([toolboxRecipe, nodeRecipe(), composeRecipe])(
  'the recipe of $title',
  ({ dockerfile, files, name }) => {
    const lines = readFileSync(join(imageFolder(), dockerfile), 'utf8').split('\n');

    test('lists what it copies, and no more goes to the engine that builds it', () => {
      const copied = lines
        .filter((line) => /^(COPY|ADD) (?!--from)/.test(line))
        .flatMap((line) => line.split(' ').slice(1, -1));
      expect(new Set(files)).toEqual(new Set([dockerfile, ...copied]));
    });

    test('labels every stage with a key that no sweep looks for', () => {
      const labels = lines.filter((line) => line.startsWith('LABEL'));
      expect(labels).toEqual(
        lines.filter((line) => line.startsWith('FROM')).map(() => `LABEL tare.image=${name}`),
      );
    });
  },
);

test('an image is said to be old after thirty days', () => {
  const remark = (builtAt: string) =>
    ageRemark({ name: 'tare/toolbox:x', builtAt }, new Date('2026-03-01T00:00:00Z'));
  expect(remark('2026-01-30T00:00:00Z')).toBeUndefined();
  expect(remark('2026-01-29T00:00:00Z')).toMatch(/31 days ago.*--rebuild-images/);
  // An engine may say anything of when.
  expect(remark('never')).toBeUndefined();
});
