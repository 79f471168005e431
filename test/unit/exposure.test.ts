import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../bench/config/config-file.ts';
import { exposureOf } from '../../bench/pair/exposure.ts';
import type { SiteEngine } from '../../bench/site/site.ts';
import { chooseUnderlay, type Interface } from '../../bench/site/underlay.ts';
import { parseScenarioId } from '../../results/scenario.ts';
import type { Plan } from '../../results/schema.ts';

const side = (name: string, underlayAddress: string): SiteEngine =>
  ({ engine: { name, id: name, ownership: 'user' }, underlayAddress }) as unknown as SiteEngine;
const planOf = (...ids: string[]): Plan =>
  ({ scenarios: ids.map((id) => ({ ...parseScenarioId(id), status: 'ready' })) }) as unknown as Plan;

describe('what is open while a run goes on', () => {
  const site = {
    sameHost: side('one', '10.0.0.1'),
    crossHost: { server: side('one', '10.0.0.1'), client: side('two', '10.0.0.2') },
  };

  test('are the ports of pairs whose servers listen at the host’s address', () => {
    const plan = planOf(
      'same-host/host',
      'same-host/bridge',
      'same-host/bridge-proxy',
      'cross-host/host',
      'cross-host/overlay',
      'cross-host/bridge-published',
    );
    expect(exposureOf(site, plan)).toEqual([
      { engine: 'one', address: '10.0.0.1', firstPort: 21_024, lastPort: 21_047 },
    ]);
  });

  test('is nothing where all servers are on loopback or in networks of their own', () => {
    expect(exposureOf(site, planOf('same-host/host', 'same-host/bridge-proxy', 'same-host/macvlan'))).toEqual(
      [],
    );
  });
});

describe('--underlay', () => {
  const address = (local: string, prefixlen: number) => ({
    family: 'inet',
    local,
    prefixlen,
    scope: 'global',
  });
  const interfaces: Interface[] = [
    { ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host' }] },
    { ifname: 'eth0', mtu: 1500, addr_info: [address('192.0.2.7', 24)] },
    { ifname: 'eth1', mtu: 9000, addr_info: [address('10.1.0.7', 16), address('10.2.0.7', 16)] },
  ];
  const chosen = (wanted: string) => {
    const found = chooseUnderlay({
      interfaces,
      routedAddress: '192.0.2.7',
      swarm: { advertised: '192.0.2.7', dataPath: undefined },
      wanted,
    });
    return found && `${found.address} on ${found.interface}`;
  };

  test.each([
    ['eth1', '10.1.0.7 on eth1'],
    ['10.2.0.7', '10.2.0.7 on eth1'],
    // The other engine's address: this one's in the same network.
    ['10.1.200.1', '10.1.0.7 on eth1'],
    ['eth7', undefined],
    ['203.0.113.1', undefined],
    ['127.0.0.1', undefined],
    ['lo', undefined],
  ])('%s is %s, whatever the swarm and the routes say', (wanted, expected) => {
    expect(chosen(wanted)).toBe(expected);
  });

  test('says that overlays go another way', () => {
    const underlay = chooseUnderlay({
      interfaces,
      routedAddress: undefined,
      swarm: { advertised: '192.0.2.7', dataPath: undefined },
      wanted: 'eth1',
    });
    expect(underlay?.remark).toMatchObject({ code: 'overlays-elsewhere', overlayInterface: 'eth0' });
  });

  test('takes what can be an address or an interface', () => {
    expect(checkConfig({ underlay: 'enp3s0f1' }, 'f').underlay).toBe('enp3s0f1');
    for (const underlay of ['', '-x', 'eth0; id', 'a'.repeat(16), '10.0.0.0/8'])
      expect(() => checkConfig({ underlay }, 'f'), underlay).toThrow();
  });
});
