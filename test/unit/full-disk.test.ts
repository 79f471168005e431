import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBounded } from '../../bench/image/bounded-file.ts';
import { requireSpace } from '../../bench/image/disk-space.ts';
import { unpack } from '../../bench/image/unpack.ts';

const size = 512 * 1024;
let folder: string;
let mount: string;
let reason: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-full-'));
  mount = join(folder, 'mount');
  mkdirSync(mount);
  const { exitCode, stderr } = execaSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', mount], {
    reject: false,
  });
  reason = exitCode === 0 ? undefined : `no file system can be mounted here: ${stderr}`;
});
afterEach(() => {
  execaSync('umount', [mount], { reject: false });
  rmSync(folder, { recursive: true, force: true });
});

const what = 'the image toolbox';
const tooMuch = () => Readable.from(Array.from({ length: 32 }, () => Buffer.alloc(64 * 1024, 'x')));
const limits = { mostBytes: 10e6, mostEntries: 100, what };
const full = (path: RegExp) => ({
  kind: 'infrastructure',
  message: expect.stringMatching(
    new RegExp(`^the disk of ${path.source} is full: ${what} needs 10 MB there$`),
  ),
  remedy: expect.stringContaining('TARE_STATE'),
});

describe('a disk that is too small for images', () => {
  it('is found out before something long begins', ({ skip }) => {
    skip(reason !== undefined, reason);
    expect(() => requireSpace(mount, 1e9, what)).toThrow(
      expect.objectContaining({
        kind: 'infrastructure',
        message: expect.stringMatching(new RegExp(`^${mount} has .* free, and ${what} needs 1 GB there$`)),
      }),
    );
  });

  it('ends the writing of an image with path and need, and leaves what was there before', async ({
    skip,
  }) => {
    skip(reason !== undefined, reason);
    const file = join(mount, 'toolbox.tar');
    writeFileSync(file, 'whole');
    await expect(writeBounded(tooMuch(), file, limits)).rejects.toMatchObject(full(/\S+toolbox\.tar/));
    expect(readdirSync(mount)).toEqual(['toolbox.tar']);
    expect(statfsSync(mount).bavail).toBeGreaterThan(100);
  });

  it('ends the unpacking of one, and leaves nothing that a later run would take for whole', async ({
    skip,
  }) => {
    skip(reason !== undefined, reason);
    // It fits as an archive, and not beside what comes out of it.
    const source = join(folder, 'source');
    mkdirSync(source);
    for (const name of ['one', 'two', 'three'])
      writeFileSync(join(source, name), Buffer.alloc(110_000, name));
    const archive = join(folder, 'some.tar');
    execaSync('tar', ['--create', '--file', archive, '--directory', source, '.']);
    for (const from of [tooMuch(), createReadStream(archive)])
      await expect(unpack(from, mount, limits)).rejects.toMatchObject(full(/\S*mount\S*/));
    expect(readdirSync(mount)).toEqual([]);
  });
});
