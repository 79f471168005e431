import type { Driver } from './driver.ts';
import { parentOptions, provisionOnParent } from './parent-network.ts';

export const macvlan: Driver = {
  id: 'macvlan',
  topologies: ['same-host', 'cross-host'],
  summary: 'each container has a MAC address of its own on the parent interface’s segment',
  options: parentOptions,
  parentKind: 'macvlan',
  needs: (topology) => [
    'macvlan',
    'veth',
    ...(topology === 'cross-host' ? (['second-engine'] as const) : []),
  ],
  provision: (context) =>
    provisionOnParent(context, { driver: 'macvlan', options: { macvlan_mode: 'bridge' } }),
};
