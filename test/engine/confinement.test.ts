import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../bench/engine/confinement.ts';
import { provisionPair } from '../../bench/pair/pair.ts';
import { newRunId, type OpenSite, openSite } from '../../bench/site/open-site.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';

let site: OpenSite;
beforeAll(async () => {
  site = await openSite(
    { engines: [], labNodes: undefined, listener: () => undefined },
    newRunId(new Date()),
  );
}, 600_000);
afterAll(() => site?.close());

test('an engine runs every container as it was told: no more rights, no speed limit, one address', async () => {
  const side = site.sameHost;
  if (!side) throw new Error('there is no engine');
  const { docker } = side.engine;
  const pool = await SubnetPool.of(site);
  for (const [id, address] of [
    ['same-host/bridge-published', side.underlayAddress],
    ['same-host/bridge-proxy', '127.0.0.1'],
  ] as const) {
    const pair = await provisionPair(site, pool, parseScenarioId(id) as Scenario);
    const found = await docker.listContainers({ filters: { label: [`tare.run=${site.runId}`] } });
    const all = await Promise.all(found.map(({ Id }) => docker.getContainer(Id).inspect()));
    expect(all.map(({ Config }) => Config.Labels['tare.role']).sort()).toEqual(['client', 'probe', 'server']);
    for (const { HostConfig, Config } of all) {
      expect(HostConfig).toMatchObject({
        Privileged: false,
        CapDrop: ['ALL'],
        SecurityOpt: expect.arrayContaining([expect.stringContaining('no-new-privileges')]),
        ReadonlyRootfs: true,
        Memory: limits.memoryBytes,
        PidsLimit: limits.processes,
        NanoCpus: 0,
        CpuQuota: 0,
      });
      const isProbe = Config.Labels['tare.role'] === 'probe';
      const granted = (HostConfig.CapAdd ?? []).map((name: string) => name.replace(/^CAP_/, ''));
      expect(granted.sort()).toEqual(isProbe ? ['NET_ADMIN', 'NET_RAW'] : []);
    }
    const published = all.flatMap(({ HostConfig }) =>
      Object.values((HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string }[]>).flat(),
    );
    expect(published.length).toBeGreaterThan(0);
    expect(new Set(published.map(({ HostIp }) => HostIp))).toEqual(new Set([address]));
    const status = await pair.client.run(['cat', '/proc/self/status'], { deadlineSeconds: 20 });
    expect(status.stdout).toMatch(/^NoNewPrivs:\s1$/m);
    expect(status.stdout).toMatch(/^CapBnd:\s0+$/m);
    expect((await pair.client.run(['touch', '/etc/x'], { deadlineSeconds: 20 })).exitCode).not.toBe(0);
    await pair.remove();
  }
}, 120_000);
