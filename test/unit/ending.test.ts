import { once } from 'node:events';
import { closeSync, copyFileSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { whatIsWaitedFor } from '../../bench/cli/ending.ts';

const script = fileURLToPath(new URL('../fixtures/ending-child.mts', import.meta.url));

function begin(way: string, options: object = {}) {
  return execa(process.execPath, ['--import', 'tsx', script, way], {
    reject: false,
    timeout: 25_000,
    ...options,
  });
}

async function interrupted(way: string, signals: readonly (NodeJS.Signals | number)[]) {
  const child = begin(way);
  await once(child.stdout as never, 'data');
  for (const each of signals) {
    if (typeof each === 'number') await sleep(each);
    else child.kill(each);
  }
  return child;
}

describe('a command ends', () => {
  it.each([
    ['well', 0],
    ['regressed', 1],
  ])('%s, with its own code', async (way, code) => {
    expect((await begin(way)).exitCode).toBe(code);
  });

  it('by an error, which is explained', async () => {
    const { exitCode, stderr } = await begin('throws');
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: 'explained: words' });
  });

  it.each([
    ['uncaught', 'explained: uncaught words'],
    ['unhandled', 'explained: unhandled words'],
    ['stuck', 'explained: nothing is left to wait for, and the command has not ended'],
  ])('by what nobody foresaw (%s) with 4, cleaned up and in one line', async (way, line) => {
    const { exitCode, stdout, stderr } = await begin(way);
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: line });
    expect(stdout.split('\n')).toEqual(['begun', 'cleaned']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s with 130, cleaned up', async (signal) => {
    const { exitCode, stdout } = await interrupted('holds', [signal]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: 'begun\ncleaned' });
  });

  it('with 4 where its program can’t be loaded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tare-broken-'));
    copyFileSync(fileURLToPath(new URL('../../bench/cli/cli.ts', import.meta.url)), join(folder, 'cli.ts'));
    writeFileSync(join(folder, 'program.ts'), "import './missing.ts';\n");
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const argv = [`--import=${import.meta.resolve('tsx')}`, join(folder, 'cli.ts'), '--help'];
    const { exitCode, stderr } = await execa(process.execPath, argv, { reject: false });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^tare: it can't be loaded: .*missing\.ts.*\. Install its packages again/);
  });

  it('by a signal at once where it holds nothing', async () => {
    const { exitCode, stdout } = await interrupted('holds-free', ['SIGTERM']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: 'begun' });
  });

  it('cleaning up to the end under five signals, and says what it waits for', async () => {
    const { exitCode, stdout, stderr } = await interrupted('slow', [
      ...(['SIGINT', 200, 'SIGINT', 100, 'SIGHUP', 100, 'SIGINT', 100, 'SIGINT'] as const),
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: 'begun\ncleaned' });
    expect(stderr).toMatch(/Still cleaning up: waiting for the lab \(\d s\) …/);
  });

  it('at once at the third signal where an engine has been silent for five seconds', async () => {
    const { exitCode, stderr } = await interrupted('hung', ['SIGINT', 5500, 'SIGINT', 100, 'SIGINT']);
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/node-1 has not answered DELETE \/networks\/abc for [5-9] s/);
    expect(stderr).toMatch(/Run `tare clean`.* with the --engine/);
    expect(stderr).toContain("What was measured is kept: `tare report '/runs/a b'` tells it.");
  });

  it('cleaned up where its terminal has gone', async () => {
    const child = begin('chatty');
    await once(child.stdout as never, 'data');
    child.stderr?.destroy();
    await sleep(200);
    child.kill('SIGHUP');
    expect((await child).exitCode).toBe(130);
  });

  it('with its own code where its reader goes away', async () => {
    const child = begin('writes');
    await once(child.stdout as never, 'data');
    child.stdout?.destroy();
    expect((await child).exitCode).toBe(3);
  });

  it.each(['writes', 'briefly'])(
    'with 4 where the disk takes no more of its output, be it short or long (%s)',
    async (way) => {
      const full = openSync('/dev/full', 'w');
      const { exitCode, stderr } = await begin(way, { stdout: full });
      closeSync(full);
      expect(exitCode).toBe(4);
      expect(stderr).toMatch(/could not be written: ENOSPC/);
    },
  );
});

describe('what a clean-up waits for', () => {
  it('is said with steps, and only what is not its own work counts as silence', () => {
    const step = { what: 'the lab', kind: 'step' as const, seconds: 40 };
    expect(whatIsWaitedFor([step], [])).toEqual({ text: 'waiting for the lab (40 s)', silentSeconds: 0 });
    const call = { engine: 'local', call: 'GET /info', silentSeconds: 7.2 };
    expect(whatIsWaitedFor([step], [call])).toEqual({
      text: 'waiting for the lab (40 s); local has not answered GET /info for 7 s',
      silentSeconds: 7.2,
    });
    expect(whatIsWaitedFor([], [call]).text).toBe('local has not answered GET /info for 7 s');
    expect(whatIsWaitedFor([{ ...step, kind: 'other' }], []).silentSeconds).toBe(40);
    expect(whatIsWaitedFor([], []).text).toBe('the command is coming to its end');
  });
});
