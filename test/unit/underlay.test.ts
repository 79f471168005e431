import { describe, expect, it } from 'vitest';
import { chooseUnderlay, type Interface } from '../../bench/site/underlay.ts';
import { wayLimit, wayRemarks } from '../../bench/site/way-out.ts';
import { mtuOption } from '../../drivers/network-options.ts';
import { traitsOn } from '../../drivers/registry.ts';
import { ownMtuBytes } from '../../results/encapsulation.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';

const nic = (ifname: string, addresses: readonly string[], mtu = 1500): Interface => ({
  ifname,
  mtu,
  addr_info: addresses.map((local) => ({
    family: local.includes(':') ? 'inet6' : 'inet',
    local,
    scope: /^(127\.|::1)/.test(local) ? 'host' : local.startsWith('fe80') ? 'link' : 'global',
  })),
});
const lo = nic('lo', ['127.0.0.1', '::1'], 65536);
const eth0 = nic('eth0', ['10.0.0.1', 'fe80::1']);
const eth1 = nic('eth1', ['fe80::2', '10.1.0.1', '10.1.0.2', '2001:2::1'], 9000);
const docker0 = nic('docker0', ['172.17.0.1']);
const all = [lo, docker0, eth0, eth1];
const none = { interfaces: all, routedAddress: undefined, swarm: undefined };

const sideAt = (underlayMtuBytes: number, more: object = {}) => ({
  engine: { name: 'one' },
  underlayAddress: '10.0.0.1',
  underlayInterface: 'eth0',
  underlayMtuBytes,
  ...more,
});

describe('an overlay on a small underlay', () => {
  const of = (id: string) => parseScenarioId(id) as Scenario;

  it('is foreseen to send each full packet in pieces, unless its own MTU leaves room', () => {
    expect(wayRemarks(of('cross-host/overlay'), sideAt(1400))).toEqual([
      { code: 'oversize-packets', ownBytes: 1450, fullBytes: 1500, underlayBytes: 1400 },
    ]);
    expect(wayRemarks(of('cross-host/overlay-encrypted'), sideAt(1499))).toHaveLength(1);
    for (const id of [
      'cross-host/overlay@mtu=1350',
      'cross-host/host',
      'cross-host/macvlan',
      'same-host/overlay',
    ])
      expect(wayRemarks(of(id), sideAt(1400)), id).toEqual([]);
    expect(wayRemarks(of('cross-host/overlay@mtu=9000'), sideAt(1500))).toHaveLength(1);
    expect(wayRemarks(of('cross-host/overlay'), sideAt(1500))).toEqual([]);
  });

  it('needs twenty bytes more over IPv6', () => {
    const dataPath = {
      type: 'found',
      isAssumed: false,
      address: '2001:2::1',
      interface: 'eth1',
      mtuBytes: 1500,
    };
    expect(wayRemarks(of('cross-host/overlay'), sideAt(1500, { dataPath }))[0]).toMatchObject({
      fullBytes: 1520,
    });
  });

  it('is given its encapsulation on top, so that its own MTU is what was asked', () => {
    const around = (id: string) => traitsOn(of(id))?.encapsulates ?? { bytes: 0 };
    const given = (id: string) =>
      mtuOption(of(id).options, around(id).bytes)['com.docker.network.driver.mtu'];
    const own = (id: string) => ownMtuBytes(around(id), of(id).options);
    expect(given('cross-host/overlay@mtu=1350')).toBe('1400');
    expect(given('cross-host/overlay-encrypted@mtu=1348')).toBe('1424');
    expect(given('same-host/bridge@mtu=1350')).toBe('1350');
    expect(given('cross-host/overlay')).toBeUndefined();
    expect(own('cross-host/overlay-encrypted')).toBe(1424);
    expect(own('cross-host/overlay-encrypted@mtu=1450')).toBe(1448);
  });
});

describe('where a host stands towards others', () => {
  it('is the swarm’s data path for all networks, so that they are compared on one interface', () => {
    const swarm = { advertised: '10.0.0.1', dataPath: '10.1.0.2' };
    expect(chooseUnderlay({ ...none, routedAddress: '10.0.0.1', swarm })).toEqual({
      address: '10.1.0.2',
      interface: 'eth1',
      mtuBytes: 9000,
      address6: '2001:2::1',
      dataPath: { type: 'found', isAssumed: false, address: '10.1.0.2', interface: 'eth1', mtuBytes: 9000 },
      remark: {
        code: 'over-data-path',
        address: '10.1.0.2',
        interface: 'eth1',
        advertised: '10.0.0.1',
      },
    });
  });

  it('is its advertised address where it was told no other, without a remark', () => {
    const swarm = { advertised: '10.0.0.1', dataPath: '10.0.0.1' };
    expect(chooseUnderlay({ ...none, swarm })).toMatchObject({ interface: 'eth0', remark: undefined });
    expect(chooseUnderlay({ ...none, swarm: { ...swarm, dataPath: undefined } })).toMatchObject({
      interface: 'eth0',
      dataPath: { type: 'found', isAssumed: true, interface: 'eth0' },
    });
  });

  it('is the IPv4 address beside an IPv6 data path, or another interface’s with a warning', () => {
    const six = { advertised: '10.0.0.1', dataPath: '2001:2::1' };
    expect(chooseUnderlay({ ...none, swarm: six })).toMatchObject({
      address: '10.1.0.1',
      interface: 'eth1',
      dataPath: { type: 'found', address: '2001:2::1', interface: 'eth1' },
    });
    const only = [lo, eth0, nic('eth1', ['2001:2::1'])];
    const found = chooseUnderlay({ ...none, interfaces: only, swarm: six });
    expect(found).toMatchObject({ address: '10.0.0.1', interface: 'eth0', dataPath: { interface: 'eth1' } });
    expect(found?.remark).toEqual({
      code: 'overlays-elsewhere',
      overlayInterface: 'eth1',
      address: '10.0.0.1',
      interface: 'eth0',
    });
  });

  it('is found on bonds and bridges by their address', () => {
    const bridged = [lo, nic('br0', ['10.2.0.1'])];
    expect(
      chooseUnderlay({
        ...none,
        interfaces: bridged,
        swarm: { advertised: '10.2.0.1', dataPath: '10.2.0.1' },
      }),
    ).toMatchObject({ interface: 'br0' });
  });

  it('is unknown for overlays whose address no interface carries, and then said', () => {
    const found = chooseUnderlay({
      ...none,
      routedAddress: '10.0.0.1',
      swarm: { advertised: '192.0.2.7', dataPath: undefined },
    });
    expect(found).toMatchObject({ address: '10.0.0.1', dataPath: { type: 'unknown' } });
    const side = sideAt(1500, { dataPath: found?.dataPath });
    const of = (id: string) => parseScenarioId(id) as Scenario;
    expect(wayLimit(of('cross-host/overlay-encrypted'), side)).toMatchObject({
      code: 'data-path-unknown',
      said: expect.stringContaining('192.0.2.7'),
    });
    expect(wayLimit(of('cross-host/overlay'), side)).toBeUndefined();
    expect(wayRemarks(of('cross-host/overlay'), side)).toHaveLength(1);
    expect(wayRemarks(of('cross-host/macvlan'), side)).toEqual([]);
    expect(wayRemarks(of('same-host/overlay'), side)).toEqual([]);
  });

  it('is a global address that no engine made where there is no default route, and says which', () => {
    expect(chooseUnderlay(none)).toMatchObject({
      interface: 'eth0',
      remark: { code: 'no-default-route', address: '10.0.0.1', interface: 'eth0' },
    });
    expect(chooseUnderlay({ ...none, interfaces: [lo, docker0] })).toBeUndefined();
  });
});
