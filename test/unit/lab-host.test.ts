import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../../bench/config/config-file.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { labUp } from '../../bench/lab/lab.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tare-lab-host-'));
  vi.stubEnv('TARE_STATE', join(folder, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const somebodys = (): Engine => {
  const socketPath = join(folder, 'absent.sock');
  return {
    name: 'theirs',
    url: `unix://${socketPath}`,
    docker: new Docker({ socketPath }),
    version: '26',
    apiVersion: '1.45',
    id: 'x',
    ownership: 'user',
  };
};
const progress = () => undefined;

describe('a lab, whose nodes are as good as root', () => {
  test('is not brought up on somebody’s engine unasked, and nothing is asked of it', async () => {
    await expect(labUp(somebodys(), { nodes: 2, progress })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('not started on theirs unasked'),
      remedy: expect.stringContaining('--lab-on-user-engine'),
    });
  });

  test('goes on to that engine where it was asked for', async () => {
    await expect(labUp(somebodys(), { nodes: 2, progress, onUserEngine: true })).rejects.not.toMatchObject({
      kind: 'usage',
    });
  });

  test('can not be put there by a file', () => {
    expect(Object.keys(configSchema.shape).filter((key) => /user|host|insecure/i.test(key))).toEqual([]);
  });
});
