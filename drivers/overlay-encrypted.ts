import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { ipv6Option, withoutIpv6 } from './network-options.ts';
import { overlayIpv6, provisionOverlay } from './overlay.ts';

export const overlayEncrypted: Driver = {
  id: 'overlay-encrypted',
  overDataPath: true,
  topologies: ['cross-host'],
  summary: 'a swarm overlay whose VXLAN packets travel in IPsec ESP between the hosts',
  options: { mtu: 'MTU of the network in bytes', ...ipv6Option },
  unable: withoutIpv6(overlayIpv6),
  needs: () => ['veth', 'bridge', 'vxlan', 'esp', 'swarm', 'second-engine'],
  expectations: [
    attachedBy('veth'),
    count('own', 'both', 'carry'),
    count('own-others', 'both', 'stay-still'),
    count('other-ports', 'both', 'stay-still'),
    count('host-loopback', 'both', 'stay-still'),
    count('underlay', 'both', 'carry'),
    count('esp', 'both', 'carry'),
    capture('underlay', 'both', 'show-esp'),
    capture('underlay', 'both', 'lack-vxlan'),
    capture('anywhere', 'both', 'hide-canary'),
  ],
  provision: (context) => provisionOverlay(context, true),
};
