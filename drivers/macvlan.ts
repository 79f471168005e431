import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { ipv6Needs } from './network-options.ts';
import { parentOptions, provisionOnParent } from './parent-network.ts';

export const macvlan: Driver = {
  id: 'macvlan',
  topologies: ['same-host', 'cross-host'],
  summary: 'each container has a MAC address of its own on the parent interface’s segment',
  traits: {
    stack: 'own',
    naming: true,
    ownMac: true,
    givesUp: [
      'portability: it names an interface of the host, and clouds and wireless segments filter its addresses',
      'its own host, which cannot reach it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  // Two networks, one on each engine: neither's resolver knows the other's names.
  traitsAcrossHosts: { naming: false },
  impairable: ['without', 'rate', 'cpus'],
  options: parentOptions,
  parentKind: 'macvlan',
  needs: (topology, options) => [
    'macvlan',
    'veth',
    ...ipv6Needs(options),
    ...(topology === 'cross-host' ? (['second-engine'] as const) : []),
  ],
  expectations: [
    attachedBy('macvlan'),
    count('own', 'both', 'carry'),
    count('own-others', 'both', 'stay-still'),
    count('other-ports', 'both', 'stay-still'),
    count('parent', 'both', 'carry', 'cross-host'),
    count('host-loopback', 'both', 'stay-still'),
    capture('parent', 'both', 'show-canary'),
    capture('parent', 'both', 'show-own-mac'),
    capture('parent', 'both', 'lack-vxlan', 'cross-host'),
  ],
  provision: (context) =>
    provisionOnParent(context, { driver: 'macvlan', options: { macvlan_mode: 'bridge' } }),
};
