import type { Hop, Side } from '../results/schema.ts';
import type { Encapsulation, NetworkTraits } from '../results/traits.ts';
import type { Driver, PairWiring, ProvisionContext } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { acrossUnderlay, clientOnVeth, vethToServer } from './hops.ts';
import { addressOf, ipv6Option, mtuChoice, mtuOption, withoutIpv6 } from './network-options.ts';

/** Outer IPv4, UDP, VXLAN and the inner Ethernet header. */
export const vxlan: Encapsulation = { bytes: 50 };

/** Seen with Docker 26.1: IPv4 addresses of an overlay are the swarm's to give, IPv6 ones each node's own. */
export const overlayIpv6 =
  'the nodes of a swarm give out an overlay’s IPv6 addresses each by itself, so both ends get the same one';

/** Wires a pair on an attachable overlay of the swarm that its engines are in. */
export async function provisionOverlay(
  context: ProvisionContext,
  { encrypts = false, encapsulates }: Pick<NetworkTraits, 'encrypts' | 'encapsulates'>,
): Promise<PairWiring> {
  const { scenario, serverEngine, clientEngine, swarmManager } = context;
  if (!swarmManager) throw new Error('an overlay needs a swarm; preflight should have said so');
  const network = await context.createNetwork(swarmManager, {
    driver: 'overlay',
    attachable: true,
    options: { ...mtuOption(scenario.options, encapsulates?.bytes), ...(encrypts ? { encrypted: '' } : {}) },
  });
  const server = await context.startContainer(serverEngine, {
    role: 'server',
    network: network.name,
    networkAliases: ['server'],
  });
  const client = await context.startContainer(clientEngine, { role: 'client', network: network.name });
  const address = addressOf(server, scenario.options);
  const esp = (side: Side): readonly Hop[] => (encrypts ? [{ kind: 'esp', side }] : []);
  const middle: readonly Hop[] =
    scenario.topology === 'same-host'
      ? [{ kind: 'overlay-bridge' }]
      : [
          { kind: 'overlay-bridge', side: 'client' },
          { kind: 'vxlan', side: 'client' },
          ...esp('client'),
          ...(await acrossUnderlay(context)),
          ...esp('server'),
          { kind: 'vxlan', side: 'server' },
          { kind: 'overlay-bridge', side: 'server' },
        ];
  return {
    server: { type: 'container', container: server },
    client: { type: 'container', container: client },
    serverAddress: address,
    listenAddress: address,
    serverName: 'server',
    networks: [network],
    path: [...clientOnVeth, ...middle, ...vethToServer],
  };
}

export const overlay: Driver = {
  id: 'overlay',
  overDataPath: true,
  topologies: ['same-host', 'cross-host'],
  summary: 'a swarm overlay: VXLAN between hosts; on one host it is a plain bridge and not encapsulated',
  traits: {
    stack: 'own',
    isolates: true,
    naming: true,
    encapsulates: vxlan,
    swarm: true,
    givesUp: [
      'encryption: VXLAN carries everything in clear',
      '50 bytes of each packet between hosts, for its header',
      'independence of a swarm',
    ],
  },
  impairable: ['without', 'rate', 'cpus'],
  options: { ...mtuChoice, ...ipv6Option },
  unable: withoutIpv6(overlayIpv6),
  needs: (topology) => [
    'veth',
    'bridge',
    'vxlan',
    'swarm',
    ...(topology === 'cross-host' ? (['second-engine'] as const) : []),
  ],
  expectations: [
    attachedBy('veth'),
    count('own', 'both', 'carry'),
    count('own-others', 'both', 'stay-still'),
    count('other-ports', 'both', 'stay-still'),
    count('host-loopback', 'both', 'stay-still'),
    count('underlay', 'both', 'carry', 'cross-host'),
    count('underlay', 'both', 'stay-still', 'same-host'),
    capture('underlay', 'both', 'show-vxlan', 'cross-host'),
    capture('underlay', 'both', 'show-canary', 'cross-host'),
    capture('anywhere', 'both', 'hide-canary', 'same-host'),
  ],
  provision: (context) => provisionOverlay(context, overlay.traits),
};
