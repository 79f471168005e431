import type { Hop } from '../results/schema.ts';
import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { acrossUnderlay, clientOnVeth, vethToServer } from './hops.ts';
import { addressOf, ipv6Option, mtuChoice, mtuOption, withoutIpv6 } from './network-options.ts';

export const bridgePublished: Driver = {
  id: 'bridge-published',
  topologies: ['same-host', 'cross-host'],
  summary: 'a port published by the engine, reached at the host’s address through the DNAT rule',
  traits: {
    stack: 'own',
    isolates: true,
    publishes: 'underlay',
    givesUp: [
      'the client’s address: behind a bridge of its own it is masked by its host’s',
      'one host port for each service',
      'names',
      'encryption',
    ],
  },
  impairable: ['rules', 'without', 'rate', 'cpus'],
  options: { ...mtuChoice, ...ipv6Option },
  unable: withoutIpv6(
    'without ip6tables, off by default before Docker 27, the engine has no DNAT rule for IPv6',
  ),
  needs: (topology) => [
    'veth',
    'bridge',
    'dnat',
    ...(topology === 'cross-host' ? (['second-engine', 'forwarding'] as const) : []),
  ],
  expectations: [
    attachedBy('veth', 'server'),
    count('dnat', 'server', 'rise'),
    count('proxy', 'server', 'stay-still'),
    count('own', 'server', 'carry'),
    count('port', 'server', 'carry'),
    count('bridge', 'server', 'carry'),
    count('host-loopback', 'server', 'stay-still'),
    count('underlay', 'both', 'carry', 'cross-host'),
    count('own', 'client', 'carry', 'cross-host'),
    count('port', 'client', 'carry', 'cross-host'),
    count('bridge', 'client', 'carry', 'cross-host'),
    capture('port', 'server', 'show-canary'),
    capture('host-loopback', 'server', 'hide-canary'),
    capture('underlay', 'both', 'show-canary', 'cross-host'),
  ],
  async provision(context) {
    const { scenario, serverEngine, clientEngine } = context;
    const bridgeSpec = { driver: 'bridge', options: mtuOption(scenario.options) };
    const serverNetwork = await context.createNetwork(serverEngine, bridgeSpec);
    const server = await context.startContainer(serverEngine, {
      role: 'server',
      network: serverNetwork.name,
      publish: 'underlay',
    });
    const serverAddress = await context.underlayAddress(serverEngine);
    const serverHops: readonly Hop[] = [
      { kind: 'dnat', side: 'server' },
      { kind: 'bridge', side: 'server', name: serverNetwork.name },
      ...vethToServer,
    ];
    // On one host a client on a bridge would be stopped by the engine's isolation rules or fall to the userland proxy;
    // a client in the host's namespace meets the DNAT rule in OUTPUT.
    if (scenario.topology === 'same-host') {
      const client = await context.startContainer(clientEngine, { role: 'client', network: 'host' });
      return {
        server: { type: 'container', container: server },
        client: { type: 'container', container: client },
        serverAddress,
        listenAddress: addressOf(server, {}),
        networks: [serverNetwork],
        path: [{ kind: 'end', side: 'client', place: 'host-namespace' }, ...serverHops],
      };
    }
    const clientNetwork = await context.createNetwork(clientEngine, bridgeSpec);
    const client = await context.startContainer(clientEngine, {
      role: 'client',
      network: clientNetwork.name,
    });
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress,
      listenAddress: addressOf(server, {}),
      networks: [serverNetwork, clientNetwork],
      path: [
        ...clientOnVeth,
        { kind: 'bridge', side: 'client', name: clientNetwork.name },
        { kind: 'masquerade', side: 'client' },
        ...(await acrossUnderlay(context)),
        ...serverHops,
      ],
    };
  },
};
