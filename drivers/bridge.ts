import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { addressOf, mtuOption } from './network-options.ts';

export const bridge: Driver = {
  id: 'bridge',
  topologies: ['same-host'],
  summary: 'a user-defined bridge, with name resolution',
  options: {
    mtu: 'MTU of the network in bytes',
    ipv6: 'measure over IPv6',
    internal: 'no way out of the network',
  },
  needs: () => ['veth', 'bridge', 'iptables'],
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
      ipv6: scenario.options.ipv6 === 'true',
      internal: scenario.options.internal === 'true',
    });
    const server = await context.startContainer(serverEngine, {
      role: 'server',
      network: network.name,
      networkAliases: ['server'],
    });
    const client = await context.startContainer(clientEngine, { role: 'client', network: network.name });
    const address = addressOf(server, scenario.options);
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: address,
      listenAddress: address,
      serverName: 'server',
      networks: [network],
      path: ['client eth0', 'veth', `bridge ${network.name}`, 'veth', 'eth0 server'],
    };
  },
};
