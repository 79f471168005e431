import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tare-doctor-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tare = (...words: string[]) =>
  execa(process.execPath, ['--import', import.meta.resolve('tsx'), 'bench/cli/cli.ts', ...words], {
    cwd: root,
    reject: false,
    env: { TARE_STATE: join(folder, 'state'), DOCKER_HOST: 'unix:///nowhere/docker.sock', NO_COLOR: '1' },
  });

describe('tare doctor', () => {
  it('leads with what to do, where nothing can be examined, and tells that nothing is ready', async () => {
    const { exitCode, stdout, stderr } = await tare('doctor', '--scenario', 'same-host/*');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^→ .*\n {2}because .*\/nowhere\/docker\.sock/m);
    expect(stdout).toMatch(/\n\nNothing is ready to be measured\.$/);
    expect(exitCode).toBe(4);
  });

  it('says the same as data', async () => {
    const { exitCode, stdout } = await tare('doctor', '--json', '--scenario', 'same-host/*');
    const { remedies, ready } = JSON.parse(stdout);
    expect(ready).toEqual([]);
    expect(remedies.at(-1)).toMatchObject({ remedy: expect.any(String), scenarios: [] });
    expect(exitCode).toBe(4);
  });

  it('leaves what was asked for wrongly to be told as such', async () => {
    const { exitCode, stderr } = await tare('doctor', '--scenario', 'nothing');
    expect(stderr).toMatch(/^tare: /);
    expect(exitCode).toBe(2);
  });
});
