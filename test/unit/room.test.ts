import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureRoom } from '../../bench/state/room.ts';

let folder: string;
let mount: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-room-'));
  mount = join(folder, 'mount');
  mkdirSync(mount);
});
afterEach(() => {
  execaSync('umount', [mount], { reject: false });
  rmSync(folder, { recursive: true, force: true });
});

const needed = (path: string, bytes = 1000) => ({
  path,
  what: 'the run’s folder',
  bytes,
  remedy: 'Use --out.',
});

const attempt = (path: string, bytes?: number) => () => ensureRoom([needed(path, bytes)]);

function mounted(options: string): string | undefined {
  const { exitCode, stderr } = execaSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount], {
    reject: false,
  });
  return exitCode === 0 ? undefined : stderr;
}

describe('room for what is to be written', () => {
  it('is looked for where the folder is to be made, and nothing is made or left', () => {
    const path = join(folder, 'not', 'there', 'yet');
    expect(attempt(path)).not.toThrow();
    expect(existsSync(join(folder, 'not'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['mount']);
  });

  it('is refused below a file', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const message = `the run’s folder ${join(file, 'run')} can’t be written to: ${file} is a file`;
    expect(attempt(join(file, 'run'))).toThrow(expect.objectContaining({ kind: 'usage', message }));
    expect(attempt(file)).toThrow(/is a file/);
  });

  it('is refused where there is too little, with how much there is', () => {
    expect(attempt(folder, 1e18)).toThrow(
      expect.objectContaining({
        kind: 'infrastructure',
        message: expect.stringMatching(/ has \d+ MB free, and 1000000000000 MB are needed$/),
        remedy: 'Make room there. Use --out.',
      }),
    );
  });

  it('is refused on a read-only file system', ({ skip }) => {
    const reason = mounted('ro,size=1m');
    skip(reason !== undefined, `no file system can be mounted here: ${reason}`);
    expect(attempt(join(mount, 'run'))).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringMatching(/can’t be written to: read-only file system$/),
      }),
    );
  });

  it('is refused on a full file system', ({ skip }) => {
    const reason = mounted('size=64k');
    skip(reason !== undefined, `no file system can be mounted here: ${reason}`);
    try {
      writeFileSync(join(mount, 'filler'), Buffer.alloc(100_000));
    } catch {
      // Full, as it was meant to be.
    }
    expect(attempt(mount, 10_000)).toThrow(expect.objectContaining({ kind: 'infrastructure' }));
  });
});
