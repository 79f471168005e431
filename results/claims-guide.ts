/** The trade-offs that the project's guide to Docker networking asserts, in its words. */
export const guideClaims: readonly { readonly claim: number; readonly words: string }[] = [
  { claim: 1, words: 'bridge: fast performance' },
  { claim: 2, words: 'bridge: no encryption' },
  { claim: 3, words: 'bridge: only links local containers' },
  { claim: 4, words: 'bridge: NAT and port mapping for external connectivity' },
  { claim: 5, words: 'host: skips the virtual NIC’s overhead' },
  { claim: 6, words: 'host: port collisions' },
  { claim: 7, words: 'host: no isolation, root access from the container' },
  { claim: 8, words: 'overlay: multi-host connectivity by tunnel encapsulation' },
  { claim: 9, words: 'overlay: performance overhead' },
  { claim: 10, words: 'overlay: encrypted tunnels prevent man-in-the-middle' },
  { claim: 11, words: 'overlay: encryption “with IPSec or VXLAN”, “certificates and secrets”' },
  { claim: 12, words: 'overlay: consistent subnets across swarms' },
  { claim: 13, words: 'macvlan: containers appear as physical devices' },
  { claim: 14, words: 'macvlan: limited portability' },
  { claim: 15, words: 'custom networks unlock service discovery' },
  { claim: 16, words: 'namespaces isolate, “almost like VMs”; networks segment' },
  { claim: 17, words: 'export/import networks for consistency' },
  { claim: 18, words: 'multi-homed containers, aliases' },
  { claim: 19, words: 'firewall policies limit lateral movement' },
];

/** Claims that no figure can decide: somebody has to try them (`tare run --claims`). */
export const triedByHand: readonly number[] = [2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
