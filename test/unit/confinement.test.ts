import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { confined, limits } from '../../bench/engine/confinement.ts';
import { listenerArgv } from '../../bench/engine/listener.ts';

const sources = readdirSync('bench', { recursive: true })
  .map((name) => join('bench', String(name)))
  .filter((name) => name.endsWith('.ts'));
const calling = (text: string) => sources.filter((name) => readFileSync(name, 'utf8').includes(text));

describe('every container that Tare starts', () => {
  test('is confined', () => {
    // One is never started: files are taken out of it.
    const open = calling('.createContainer(').filter(
      (name) => name !== 'bench/image/inspect.ts' && !readFileSync(name, 'utf8').includes('...confined('),
    );
    expect(calling('.createContainer(').length).toBeGreaterThan(3);
    expect(open).toEqual([]);
    expect(calling('Privileged')).toEqual([]);
  });

  test('is bounded in what it may do and take, but not in speed', () => {
    const settings = confined(['NET_ADMIN', 'NET_ADMIN']);
    expect(settings).toMatchObject({
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Memory: limits.memoryBytes,
      PidsLimit: limits.processes,
    });
    for (const key of ['NanoCpus', 'CpuQuota', 'CpuShares', 'CpusetCpus', 'Privileged', 'BlkioWeight'])
      expect(settings).not.toHaveProperty(key);
    expect(confined().CapAdd).toEqual([]);
  });
});

test('servers are published at one address, which a driver has to choose', () => {
  expect(calling("'0.0.0.0', HostPort")).toEqual([]);
  expect(calling('HostIp: address')).toEqual(['bench/pair/containers.ts']);
});

test('what listens for seconds only does so at one address, too, and runs the toolbox’s own program', () => {
  const executor = { inShell: (argv: readonly string[]) => [`/rootfs/${argv[0]}`, ...argv.slice(1)] };
  const at = (address: string) => listenerArgv(executor, { address, port: 7, folder: '/f' }, 30).join(' ');
  expect(at('192.0.2.1')).toBe('timeout 30 /rootfs/httpd -f -p 192.0.2.1:7 -h /f');
  expect(at('2001:db8::1')).toContain(' -p [2001:db8::1]:7 ');
  // nc listens at all addresses, so only containers with a network namespace of their own run it so.
  expect(
    calling("'nc', '-l")
      .map((name) => name.replace('bench/', ''))
      .sort(),
  ).toEqual(['claims/stage.ts']);
});
