import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { vethToServer } from './hops.ts';
import { addressOf, ipv6Option, withoutIpv6 } from './network-options.ts';

export const bridgeProxy: Driver = {
  id: 'bridge-proxy',
  topologies: ['same-host'],
  summary:
    'a published port reached at 127.0.0.1, where the engine’s userland proxy (docker-proxy) copies the bytes',
  traits: {
    stack: 'own',
    isolates: true,
    publishes: 'loopback',
    givesUp: [
      'the client’s address: the server sees the proxy',
      'a process of the host copies every byte',
      'names',
      'encryption',
    ],
  },
  impairable: ['rules', 'without', 'rate', 'cpus'],
  options: ipv6Option,
  needs: () => ['veth', 'bridge', 'userland-proxy'],
  unable: withoutIpv6('the userland proxy would take IPv6 on one side only and speak IPv4 on the other'),
  expectations: [
    attachedBy('veth', 'server'),
    count('proxy', 'server', 'rise'),
    count('dnat', 'server', 'stay-still'),
    count('host-loopback', 'server', 'carry'),
    count('own', 'server', 'carry'),
    count('port', 'server', 'carry'),
    count('bridge', 'server', 'carry'),
    count('underlay', 'server', 'stay-still'),
    capture('host-loopback', 'server', 'show-canary'),
    capture('port', 'server', 'show-canary'),
  ],
  async provision(context) {
    const network = await context.createNetwork(context.serverEngine, { driver: 'bridge' });
    const server = await context.startContainer(context.serverEngine, {
      role: 'server',
      network: network.name,
      publish: 'loopback',
    });
    // The engine's DNAT rule leaves out 127.0.0.0/8, so that loopback is served by docker-proxy.
    const client = await context.startContainer(context.clientEngine, { role: 'client', network: 'host' });
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: '127.0.0.1',
      listenAddress: addressOf(server, {}),
      networks: [network],
      path: [
        { kind: 'end', side: 'client', place: 'host-namespace' },
        { kind: 'loopback', namespace: 'host' },
        { kind: 'docker-proxy', side: 'server' },
        { kind: 'bridge', side: 'server', name: network.name },
        ...vethToServer,
      ],
    };
  },
};
