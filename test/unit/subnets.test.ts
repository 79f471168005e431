import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../bench/config/config-file.ts';
import { type Cidr, overlap, parseCidr, twentyFourOf, twentyFours } from '../../bench/engine/cidr.ts';
import type { Engine } from '../../bench/engine/engine.ts';
import { destinations } from '../../bench/engine/routes.ts';
import { labSubnet } from '../../bench/lab/underlay.ts';
import { SubnetPool } from '../../bench/site/subnets.ts';

const cidr = (text: string): Cidr => parseCidr(text) as Cidr;

describe('ranges of addresses', () => {
  it.each([
    ['198.19.7.0/24', '198.18.0.0/15', true],
    ['198.18.0.0/15', '198.19.7.9', true],
    ['198.19.7.0/24', '198.19.8.0/24', false],
    ['10.0.0.0/8', '198.19.0.0/16', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['198.19.7.5/24', '198.19.7.200/30', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlap(cidr(a), cidr(b))).toBe(expected);
    expect(overlap(cidr(b), cidr(a))).toBe(expected);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/8/8',
    '2001:2::/48',
    '1.2.3.4/-1',
    '01.2.3.4',
    'x',
  ])('“%s” is none', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it('hold the /24s that they are cut into, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 24 }), fc.nat(), fc.nat(), (prefix, some, other) => {
        const range = cidr(`172.16.0.0/${prefix}`);
        const count = twentyFours(range);
        const [a, b] = [some % count, other % count];
        expect(overlap(range, cidr(twentyFourOf(range, a)))).toBe(true);
        expect(overlap(cidr(twentyFourOf(range, a)), cidr(twentyFourOf(range, b)))).toBe(a === b);
      }),
    );
  });
});

describe('a pool of subnets', () => {
  it('leaves alone what overlaps a network or a route, whatever its size', () => {
    const pool = new SubnetPool('198.19.0.0/22', ['198.19.0.128/25', '198.19.2.0/23', '2001:2::/64', ''], 0);
    expect(pool.take()).toBe('198.19.1.0/24');
    expect(() => pool.take()).toThrow(/no \/24 of 198\.19\.0\.0\/22 is free/);
    pool.giveBack('198.19.1.0/24');
    expect(pool.take()).toBe('198.19.1.0/24');
  });

  it('begins where it is told and goes round', () => {
    const pool = new SubnetPool('10.9.0.0/16', [], 511);
    expect([pool.take(), pool.take()]).toEqual(['10.9.255.0/24', '10.9.0.0/24']);
  });

  it('knows where hosts have routes to, but for the way to everywhere', () => {
    const routes = [
      { dst: 'default', dev: 'eth0' },
      { dst: '0.0.0.0/0' },
      { dst: '198.19.0.0/17', dev: 'tun0' },
      { type: 'local', dst: '10.0.0.1' },
      { dst: 'fe80::/64' },
    ];
    expect(destinations(JSON.stringify(routes))).toEqual(['198.19.0.0/17', '10.0.0.1']);
    expect(destinations('')).toEqual([]);
  });
});

describe('--subnets', () => {
  it('takes a range with room for a run, and says what is wanted of others', () => {
    expect(checkConfig({ subnets: '10.200.0.0/16' }, 'f').subnets).toBe('10.200.0.0/16');
    for (const subnets of ['10.200.0.0', '10.0.0.0/24', '2001:2::/48', 'all']) {
      expect(() => checkConfig({ subnets }, 'f'), subnets).toThrow(
        expect.objectContaining({ kind: 'usage' }),
      );
    }
  });
});

describe('the lab’s own network', () => {
  const engine = (ownership: Engine['ownership'], ...subnets: string[]) =>
    ({
      name: 'local',
      ownership,
      docker: {
        listNetworks: async () => [
          { IPAM: { Config: subnets.map((Subnet) => ({ Subnet })) } },
          { IPAM: null },
        ],
      },
    }) as never as Engine;
  const routes = async () => ['198.18.0.0/22', '198.18.4.7'];

  it('keeps clear of networks, and on somebody’s engine of the host’s routes', async () => {
    expect(await labSubnet(engine('user', '198.18.5.0/24'), undefined, routes)).toBe('198.18.6.0/24');
    expect(await labSubnet(engine('private', '198.18.0.0/24'), undefined, routes)).toBe('198.18.1.0/24');
  });

  it('lies in the range that was asked for, or there is none', async () => {
    expect(await labSubnet(engine('user', '10.7.0.0/24'), '10.7.0.0/20', routes)).toBe('10.7.1.0/24');
    await expect(labSubnet(engine('user'), '198.18.0.0/22', routes)).rejects.toMatchObject({
      message: expect.stringContaining('no /24 of 198.18.0.0/22 is free'),
      remedy: expect.stringContaining('--subnets'),
    });
  });
});
