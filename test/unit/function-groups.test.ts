import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { groupOf } from '../../results/function-groups.ts';

test('no function of the top 200 of a real guest’s trials is in no group', async () => {
  const text = await readFile('test/fixtures/guest-functions.tsv', 'utf8');
  const functions = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(functions.length).toBeGreaterThan(200);
  expect(functions.filter(([name = '', module = '']) => groupOf({ name, module }) === 'other')).toEqual([]);
});
