import type { Encapsulation } from '../results/traits.ts';
import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { ipv6Option, mtuChoice, withoutIpv6 } from './network-options.ts';
import { overlayIpv6, provisionOverlay, vxlan } from './overlay.ts';

/** What Docker sets aside for ESP with AES-GCM comes on top: header, vector, padding and check value. */
const vxlanInEsp: Encapsulation = { bytes: vxlan.bytes + 26, mtuMultipleOf: 4 };

export const overlayEncrypted: Driver = {
  id: 'overlay-encrypted',
  overDataPath: true,
  topologies: ['cross-host'],
  summary: 'a swarm overlay whose VXLAN packets travel in IPsec ESP between the hosts',
  traits: {
    stack: 'own',
    isolates: true,
    naming: true,
    encrypts: true,
    plainDriver: 'overlay',
    encapsulates: vxlanInEsp,
    swarm: true,
    givesUp: [
      'CPU time for AES-GCM',
      'more than 50 bytes of each packet, for its headers',
      'kernels without ESP',
      'independence of a swarm',
    ],
  },
  impairable: ['without', 'rate', 'cpus'],
  options: { ...mtuChoice, ...ipv6Option },
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
  provision: (context) => provisionOverlay(context, overlayEncrypted.traits),
};
