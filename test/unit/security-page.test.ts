import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

it('SECURITY.md names tests that are there, one at least for each promise', () => {
  const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const promises = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (promise|---)/.test(line));
  expect(promises.length).toBeGreaterThan(12);
  for (const promise of promises) {
    const named = [...promise.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file]) => file as string);
    expect(named, promise).not.toEqual([]);
    for (const file of named) expect(existsSync(join(root, file)), file).toBe(true);
  }
});
