import type { Driver } from './driver.ts';
import { provisionOverlay } from './overlay.ts';

export const overlayEncrypted: Driver = {
  id: 'overlay-encrypted',
  topologies: ['cross-host'],
  summary: 'a swarm overlay whose VXLAN packets travel in IPsec ESP between the hosts',
  options: { mtu: 'MTU of the network in bytes' },
  needs: () => ['veth', 'bridge', 'vxlan', 'esp', 'swarm', 'second-engine'],
  provision: (context) => provisionOverlay(context, true),
};
