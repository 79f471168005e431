import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { ipv6Needs } from './network-options.ts';
import { parentOptions, provisionOnParent } from './parent-network.ts';

export const ipvlanL2: Driver = {
  id: 'ipvlan-l2',
  topologies: ['same-host', 'cross-host'],
  summary: 'containers share the parent interface’s MAC address and switch at layer 2',
  traits: {
    stack: 'own',
    naming: true,
    givesUp: [
      'a MAC address of its own: all have the parent’s',
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
  parentKind: 'ipvlan-l2',
  needs: (topology, options) => [
    'ipvlan',
    'veth',
    ...ipv6Needs(options),
    ...(topology === 'cross-host' ? (['second-engine'] as const) : []),
  ],
  expectations: [
    attachedBy('ipvlan'),
    count('own', 'both', 'carry'),
    count('own-others', 'both', 'stay-still'),
    count('other-ports', 'both', 'stay-still'),
    count('parent', 'both', 'carry', 'cross-host'),
    count('host-loopback', 'both', 'stay-still'),
    capture('anywhere', 'both', 'hide-canary', 'same-host'),
    capture('parent', 'both', 'show-canary', 'cross-host'),
    capture('parent', 'both', 'show-parent-mac', 'cross-host'),
    capture('parent', 'both', 'lack-vxlan', 'cross-host'),
  ],
  provision: (context) => provisionOnParent(context, { driver: 'ipvlan', options: { ipvlan_mode: 'l2' } }),
};
