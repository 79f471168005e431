import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type FunctionCount,
  functionCountsText,
  parseFunctionCounts,
} from '../../results/function-counts.ts';
import { createRun } from '../../results/store.ts';
import { readFunctionCounts } from '../../results/stored-functions.ts';
import { functionsFile } from '../../results/stored-run.ts';
import { run } from './results-builders.ts';

const counts: FunctionCount[] = [
  { name: 'veth_xmit', module: 'veth', instructionsPerUnit: 296 },
  { name: 'nft_do_chain', module: 'nf_tables', instructionsPerUnit: 1730 },
  { name: 'netperf', module: 'user', instructionsPerUnit: 812.33333333 },
  { name: 'gc_worker', module: 'nf_conntrack', instructionsPerUnit: -0.5 },
];

describe('the functions of a counted trial', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tare-functions-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('are kept beside the record and read back, sorted by name', async () => {
    const directory = join(folder, 'run');
    const writer = await createRun(directory, run());
    await writer.keepFunctions(7, counts);
    await writer.close();
    expect(await readFunctionCounts(directory, 7)).toEqual([
      { name: 'gc_worker', module: 'nf_conntrack', instructionsPerUnit: -0.5 },
      { name: 'netperf', module: 'user', instructionsPerUnit: 812.3333 },
      { name: 'nft_do_chain', module: 'nf_tables', instructionsPerUnit: 1730 },
      { name: 'veth_xmit', module: 'veth', instructionsPerUnit: 296 },
    ]);
    expect(await readFunctionCounts(directory, 8)).toBeUndefined();
  });

  test('of one name in one module are one line, and what cancels has none', () => {
    expect(
      functionCountsText([
        { name: 'cleanup', module: 'kernel', instructionsPerUnit: 1.25 },
        { name: 'cleanup', module: 'veth', instructionsPerUnit: 5 },
        { name: 'cleanup', module: 'kernel', instructionsPerUnit: 2 },
        { name: 'tick', module: 'kernel', instructionsPerUnit: 3 },
        { name: 'tick', module: 'kernel', instructionsPerUnit: -3.00001 },
        { name: 'rare', module: 'kernel', instructionsPerUnit: 0.0001 },
      ]),
    ).toBe('cleanup\tkernel\t3.25\ncleanup\tveth\t5\nrare\tkernel\t0.0001\n');
  });

  test('take no name that could break the file or a terminal', () => {
    for (const name of ['', 'a\tb', 'a\nb', '\u001b[2J', 'ä', 'x'.repeat(257)]) {
      expect(() => functionCountsText([{ name, module: 'kernel', instructionsPerUnit: 1 }])).toThrow();
    }
    expect(() =>
      functionCountsText([{ name: 'a', module: 'kernel', instructionsPerUnit: Number.NaN }]),
    ).toThrow();
  });

  test.each([
    ['a\tkernel\t1', /last line is cut off/],
    ['a\tkernel\t1\nb\tkernel\n', /line 2/],
    ['a\tkernel\tNaN\n', /line 1/],
    ['a\tkernel\t1e400\n', /line 1/],
    ['\u001b[2J\tkernel\t1\n', /line 1/],
  ])('of a damaged file %j are refused by line', (text, expected) => {
    expect(() => parseFunctionCounts(text, 'f')).toThrow(expected);
  });

  test('of a file that is no gzip, or a bomb, are refused', async () => {
    const path = functionsFile(folder, 0);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'a\tkernel\t1\n');
    await expect(readFunctionCounts(folder, 0)).rejects.toThrow(/no gzip file/);
    await writeFile(path, gzipSync(Buffer.alloc(65 << 20)));
    await expect(readFunctionCounts(folder, 0)).rejects.toThrow(/more than 64 MiB/);
  });
});
