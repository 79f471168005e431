import type { Driver, Network } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { clientOnVeth, vethToServer } from './hops.ts';
import { addressOf, flag, ipv6Needs, ipv6Option, mtuChoice, mtuOption, usesIpv6 } from './network-options.ts';

/** RFC 8200, section 5. */
const leastIpv6Mtu = 1280;

export const bridge: Driver = {
  id: 'bridge',
  topologies: ['same-host'],
  summary: 'a user-defined bridge, with name resolution',
  traits: {
    stack: 'own',
    isolates: true,
    naming: true,
    givesUp: ['other hosts, but by published ports', 'encryption'],
  },
  impairable: ['rules', 'without', 'rate', 'cpus'],
  switchedBy: 'new-bridge',
  options: {
    ...mtuChoice,
    ...ipv6Option,
    internal: flag('internal', 'no way out of the network'),
    networks: {
      meaning: 'networks that both containers stand on, 2 to 8; the first carries the traffic',
      pattern: /^[2-8]$/,
      example: 'networks=2',
    },
  },
  needs: (_, options) => ['veth', 'bridge', ...ipv6Needs(options)],
  unable: (_, options) =>
    usesIpv6(options) && Number(options.mtu) < leastIpv6Mtu
      ? { code: 'mtu-too-small', leastBytes: leastIpv6Mtu }
      : undefined,
  expectations: [
    attachedBy('veth'),
    count('own', 'both', 'carry'),
    count('own-others', 'both', 'stay-still'),
    count('port', 'both', 'carry'),
    count('bridge', 'both', 'stay-still'),
    count('underlay', 'both', 'stay-still'),
    count('host-loopback', 'both', 'stay-still'),
    capture('port', 'both', 'show-canary'),
    capture('underlay', 'both', 'hide-canary'),
  ],
  async provision(context) {
    const { scenario, serverEngine, clientEngine } = context;
    const network = await context.createNetwork(serverEngine, {
      driver: 'bridge',
      options: mtuOption(scenario.options),
      ipv6: usesIpv6(scenario.options),
      internal: scenario.options.internal === 'true',
    });
    // Made before the containers, so that these are gone when the networks are removed.
    const further: Network[] = [];
    while (further.length + 1 < Number(scenario.options.networks ?? 1)) {
      further.push(await context.createNetwork(serverEngine, { driver: 'bridge' }));
    }
    const server = await context.startContainer(serverEngine, {
      role: 'server',
      network: network.name,
      networkAliases: ['server'],
    });
    const client = await context.startContainer(clientEngine, { role: 'client', network: network.name });
    for (const each of further) {
      for (const container of [server, client]) await context.connect(container, each);
    }
    const address = addressOf(server, scenario.options);
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: address,
      listenAddress: address,
      serverName: 'server',
      networks: [network],
      path: [...clientOnVeth, { kind: 'bridge', name: network.name }, ...vethToServer],
    };
  },
};
