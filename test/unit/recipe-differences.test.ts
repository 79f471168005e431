import { describe, expect, test } from 'vitest';
import { machineText, recipeDifferences, recipeDifferenceText } from '../../results/recipe-differences.ts';
import type { RecipeIdentity } from '../../results/schema.ts';

const recipe: RecipeIdentity = {
  digest: 'sha256:0123456789abcdef',
  packages: { 'docker.io': '26.1.5', 'linux-image-cloud-amd64': '6.12.57-1' },
  files: { 'init.sh': 'sha256:aa' },
  options: { suite: 'trixie', tables: 'nft' },
};

describe('differences of recipes', () => {
  test('are told by name, packages first', () => {
    const other: RecipeIdentity = {
      digest: 'sha256:fedc',
      packages: { 'docker.io': '26.1.5', 'linux-image-cloud-amd64': '6.12.63-1' },
      files: { 'init.sh': 'sha256:bb', 'daemon.json': 'sha256:cc' },
      options: { suite: 'trixie' },
    };
    expect(recipeDifferences(recipe, other).map(recipeDifferenceText)).toEqual([
      'package linux-image-cloud-amd64: 6.12.57-1 → 6.12.63-1',
      'file daemon.json: none → some',
      'file init.sh: another content',
      'option tables: nft → none',
    ]);
  });

  test('are none of one digest, and of two digests never none', () => {
    expect(recipeDifferences(recipe, { ...recipe })).toEqual([]);
    expect(recipeDifferences(recipe, { ...recipe, digest: 'sha256:ff' }).map(recipeDifferenceText)).toEqual([
      'option digest: sha256:0123456789abcdef → sha256:ff',
    ]);
  });

  test('a machine is known by kernel, engine and digest', () => {
    expect(machineText({ kind: 'counted', recipe, guest: 0 })).toBe(
      'trixie, linux-image-cloud-amd64 6.12.57-1, docker.io 26.1.5, nft tables (0123456789ab)',
    );
  });
});
