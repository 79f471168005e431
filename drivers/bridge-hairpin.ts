import type { Driver } from './driver.ts';
import { attachedBy, capture, count, type Expectation } from './expectation.ts';
import { clientOnVeth, vethToServer } from './hops.ts';
import { addressOf, ipv6Option, mtuChoice, mtuOption, withoutIpv6 } from './network-options.ts';

/** The engine's DNAT rule leaves out what comes from the server's own bridge while a userland proxy serves it. */
export const byProxy: readonly Expectation[] = [
  count('proxy', 'server', 'rise'),
  count('bridge', 'server', 'carry'),
  count('dnat', 'server', 'stay-still'),
];
/** Whether the IP stack sees more than the first packet is up to br_netfilter, which rewrites and bridges the others. */
const byRule: readonly Expectation[] = [
  count('dnat', 'server', 'rise'),
  count('proxy', 'server', 'stay-still'),
];

export const bridgeHairpin: Driver = {
  id: 'bridge-hairpin',
  topologies: ['same-host'],
  onlyByName: true,
  summary:
    'a port published by the engine, dialled at the host’s address by a container of the same host, whose packets turn round there',
  traits: {
    stack: 'own',
    isolates: true,
    publishes: 'underlay',
    givesUp: [
      'the client’s address: the server sees the bridge’s gateway, or itself',
      'one host port for each service',
      'clients on other bridges, whose packets the engine drops where it runs no userland proxy',
      'names',
      'encryption',
    ],
  },
  impairable: ['rules', 'without', 'rate', 'cpus'],
  switchedBy: 'new-bridge',
  options: {
    ...mtuChoice,
    ...ipv6Option,
    from: {
      meaning:
        'who dials: the server’s own namespace (self) or a container on another bridge (other), instead of one on the same bridge',
      pattern: /^(self|other)$/,
      example: 'from=self or from=other',
    },
  },
  unable: withoutIpv6('the engine publishes for IPv6 otherwise than for IPv4, by version and setting'),
  // The proxy alone takes what comes from another bridge; without it the rules that keep bridges apart drop it.
  needs: (_, { from }) => ['veth', 'bridge', from === 'other' ? 'userland-proxy' : 'dnat'],
  expectations: [
    attachedBy('veth'),
    count('own', 'both', 'carry'),
    count('port', 'both', 'carry'),
    count('underlay', 'both', 'stay-still'),
    capture('port', 'both', 'show-canary'),
    capture('underlay', 'both', 'hide-canary'),
  ],
  async provision(context) {
    const { scenario, serverEngine, clientEngine } = context;
    const spec = { driver: 'bridge', options: mtuOption(scenario.options) };
    const network = await context.createNetwork(serverEngine, spec);
    const clientNetwork =
      scenario.options.from === 'other' ? await context.createNetwork(clientEngine, spec) : network;
    const server = await context.startContainer(serverEngine, {
      role: 'server',
      network: network.name,
      publish: 'underlay',
    });
    const client = await context.startContainer(clientEngine, {
      role: 'client',
      network: scenario.options.from === 'self' ? `container:${server.id}` : clientNetwork.name,
    });
    const way = await context.publishedBy(server);
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: await context.underlayAddress(serverEngine),
      listenAddress: addressOf(server, {}),
      networks: [...new Set([network, clientNetwork])],
      path: [
        ...clientOnVeth,
        { kind: 'bridge', name: clientNetwork.name },
        way === 'proxy' ? { kind: 'docker-proxy', side: 'server' } : { kind: 'dnat', side: 'server' },
        { kind: 'bridge', name: network.name },
        ...vethToServer,
      ],
      expectations: way === 'proxy' ? byProxy : byRule,
    };
  },
};
