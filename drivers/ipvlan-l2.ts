import type { Driver } from './driver.ts';
import { parentOptions, provisionOnParent } from './parent-network.ts';

export const ipvlanL2: Driver = {
  id: 'ipvlan-l2',
  topologies: ['same-host', 'cross-host'],
  summary: 'containers share the parent interface’s MAC address and switch at layer 2',
  options: parentOptions,
  parentKind: 'ipvlan-l2',
  needs: (topology) => ['ipvlan', 'veth', ...(topology === 'cross-host' ? (['second-engine'] as const) : [])],
  provision: (context) => provisionOnParent(context, { driver: 'ipvlan', options: { ipvlan_mode: 'l2' } }),
};
