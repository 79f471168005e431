import type { Driver } from './driver.ts';
import { capture, count } from './expectation.ts';
import { ipv6Needs, ipv6Option, usesIpv6 } from './network-options.ts';

export const container: Driver = {
  id: 'container',
  topologies: ['same-host'],
  summary: 'the client joins the server’s network namespace (--network container:ID)',
  traits: {
    stack: 'shared',
    givesUp: [
      'isolation between the two: they share one stack and its ports',
      'anything but loopback between them',
    ],
  },
  impairable: ['cpus'],
  options: ipv6Option,
  needs: (_, options) => ['veth', 'bridge', ...ipv6Needs(options)],
  expectations: [
    count('own-loopback', 'both', 'carry'),
    count('own', 'both', 'stay-still'),
    capture('anywhere', 'both', 'hide-canary'),
  ],
  async provision(context) {
    const isIpv6 = usesIpv6(context.scenario.options);
    // The engine turns IPv6 off, loopback's too, in containers whose network has none; and it may have no default bridge.
    const network = await context.createNetwork(context.serverEngine, { driver: 'bridge', ipv6: isIpv6 });
    const server = await context.startContainer(context.serverEngine, {
      role: 'server',
      network: network.name,
    });
    const client = await context.startContainer(context.clientEngine, {
      role: 'client',
      network: `container:${server.id}`,
    });
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: isIpv6 ? '::1' : '127.0.0.1',
      listenAddress: isIpv6 ? '::1' : '127.0.0.1',
      networks: [network],
      path: [
        { kind: 'end', side: 'client' },
        { kind: 'loopback', namespace: 'shared' },
        { kind: 'end', side: 'server' },
      ],
    };
  },
};
