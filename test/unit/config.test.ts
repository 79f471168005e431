import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../bench/config/config.ts';
import { checkConfig, readConfig } from '../../bench/config/config-file.ts';
import { checkFlags } from '../../bench/config/flags.ts';

describe('checkConfig', () => {
  it('takes a whole plan', () => {
    const config = {
      profile: 'standard',
      scenarios: ['*'],
      blocks: 12,
      baselines: { 'same-host': 'same-host/bridge' },
    };
    expect(checkConfig(config, 'bench.yaml')).toEqual(config);
  });

  it.each([
    [{ blokcs: 3 }, /bench.yaml: unknown key "blokcs"/],
    [{ baselines: { elsewhere: 'x' } }, /unknown key "baselines.elsewhere"/],
    [{ blocks: 0 }, /blocks is 0/],
    [{ blocks: 'many' }, /blocks is "many"/],
    [{ profile: 'fast' }, /profile is "fast"/],
    [{ maxStealShare: 2 }, /maxStealShare is 2/],
    [{ duration: Number.NaN }, /duration is null/],
    ['text', /the whole is "text"/],
  ])('names the place and the value in %j', (value, message) => {
    expect(() => checkConfig(value, 'bench.yaml')).toThrow(message);
  });
});

describe('readConfig', () => {
  it('reads YAML, and refuses what is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tare-config-'));
    await writeFile(join(folder, 'good.yaml'), 'profile: quick\nworkloads: [tcp-rr]\n');
    await writeFile(join(folder, 'bad.yaml'), 'a: [1,\n');
    expect(await readConfig(join(folder, 'good.yaml'))).toEqual({ profile: 'quick', workloads: ['tcp-rr'] });
    await expect(readConfig(join(folder, 'bad.yaml'))).rejects.toThrow(/bad.yaml is not YAML/);
    await expect(readConfig(join(folder, 'none.yaml'))).rejects.toThrow(/none.yaml can't be read/);
  });
});

describe('flags, a file and what comes of them', () => {
  it('flags go before the file, the file before the profile', () => {
    const file = checkConfig(
      { profile: 'standard', blocks: 9, duration: 3, maxStealShare: 0.5 },
      'bench.yaml',
    );
    const config = resolveConfig(checkFlags({ blocks: 2 }), file);
    expect(config).toMatchObject({
      profileName: 'standard',
      blocks: 2,
      durationSeconds: 3,
      omitSeconds: 0,
      maxStealShare: 0.5,
      offeredBitsPerSecond: 200e6,
      engines: [],
      isOccasionalAsked: false,
    });
    expect(config.occasional).toContain('dns');
  });

  it('flags are refused by the command line’s name, and what only a file may set is none of them', () => {
    expect(() => checkFlags({ blocks: 0 })).toThrow(/^the command line: blocks is 0/);
    expect(() => checkFlags({ maxStealShare: 0.5 })).toThrow(/unknown key "maxStealShare"/);
  });

  it('a sweep has workloads of its own, and nothing occasional', () => {
    const config = resolveConfig(checkFlags({ profile: 'standard', sweep: 'size' }));
    expect(config).toMatchObject({ workloads: ['tcp-stream'], occasional: [] });
  });
});
