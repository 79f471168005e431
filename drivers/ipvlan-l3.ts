import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { addressOf, ipv6Needs, withoutIpv6 } from './network-options.ts';
import { parentOptions, provisionOnParent } from './parent-network.ts';

export const ipvlanL3: Driver = {
  id: 'ipvlan-l3',
  topologies: ['same-host', 'cross-host'],
  summary:
    'containers share the parent’s MAC address and the host routes between them (no ARP, no broadcast)',
  traits: {
    stack: 'own',
    naming: true,
    givesUp: [
      'broadcast and a place on the segment: others need a route to it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  // Two networks, one on each engine: neither's resolver knows the other's names.
  traitsAcrossHosts: { naming: false },
  impairable: ['without', 'rate', 'cpus'],
  options: parentOptions,
  parentKind: 'ipvlan-l3',
  needs: (topology, options) => [
    'ipvlan',
    'veth',
    ...ipv6Needs(options),
    ...(topology === 'cross-host' ? (['second-engine'] as const) : []),
  ],
  unable: (topology, options) =>
    topology === 'cross-host'
      ? withoutIpv6('Tare adds its routes between the hosts for IPv4 only')(topology, options)
      : undefined,
  expectations: [
    attachedBy('ipvlan'),
    count('own', 'both', 'carry'),
    count('own-others', 'both', 'stay-still'),
    count('other-ports', 'both', 'stay-still'),
    count('parent', 'both', 'carry', 'cross-host'),
    count('host-loopback', 'both', 'stay-still'),
    capture('anywhere', 'both', 'hide-canary', 'same-host'),
    capture('parent', 'both', 'show-canary', 'cross-host'),
    capture('parent', 'both', 'lack-vxlan', 'cross-host'),
  ],
  async provision(context) {
    const { serverEngine, clientEngine, scenario } = context;
    const options = { ipvlan_mode: 'l3' };
    if (scenario.topology === 'same-host') return provisionOnParent(context, { driver: 'ipvlan', options });
    // Layer 3 mode routes in the parent's namespace, so each host must know the way to the other's subnet.
    const serverParent = await context.parentInterface(serverEngine);
    const clientParent = await context.parentInterface(clientEngine);
    const serverNetwork = await context.createNetwork(serverEngine, {
      driver: 'ipvlan',
      options: { ...options, parent: serverParent },
    });
    const clientNetwork = await context.createNetwork(clientEngine, {
      driver: 'ipvlan',
      options: { ...options, parent: clientParent },
    });
    await context.addRoute(clientEngine, serverNetwork.subnet, await context.underlayAddress(serverEngine));
    await context.addRoute(serverEngine, clientNetwork.subnet, await context.underlayAddress(clientEngine));
    const server = await context.startContainer(serverEngine, {
      role: 'server',
      network: serverNetwork.name,
    });
    const client = await context.startContainer(clientEngine, {
      role: 'client',
      network: clientNetwork.name,
    });
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: addressOf(server, {}),
      listenAddress: addressOf(server, {}),
      networks: [serverNetwork, clientNetwork],
      path: [
        { kind: 'end', side: 'client', interface: 'eth0' },
        { kind: 'parent', side: 'client', driver: 'ipvlan', name: clientParent, routed: true },
        { kind: 'underlay' },
        { kind: 'parent', side: 'server', driver: 'ipvlan', name: serverParent },
        { kind: 'end', side: 'server', interface: 'eth0' },
      ],
    };
  },
};
