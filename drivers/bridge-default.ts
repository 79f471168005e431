import type { Driver } from './driver.ts';
import { attachedBy, capture, count } from './expectation.ts';
import { clientOnVeth, vethToServer } from './hops.ts';
import { addressOf, ipv6Option, withoutIpv6 } from './network-options.ts';

export const bridgeDefault: Driver = {
  id: 'bridge-default',
  topologies: ['same-host'],
  summary: 'the engine’s default bridge (docker0), without name resolution',
  traits: {
    stack: 'own',
    isolates: true,
    givesUp: [
      'names',
      'separation: every container that names no network is on it',
      'encryption',
      'other hosts',
    ],
  },
  impairable: ['without', 'rate', 'cpus'],
  switchedBy: 'default-bridge',
  options: ipv6Option,
  needs: () => ['veth', 'bridge', 'default-bridge'],
  unable: withoutIpv6('the default bridge has IPv6 only where the daemon was started with it'),
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
    const server = await context.startContainer(context.serverEngine, { role: 'server', network: 'bridge' });
    const client = await context.startContainer(context.clientEngine, { role: 'client', network: 'bridge' });
    const address = addressOf(server, {});
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: address,
      listenAddress: address,
      networks: [],
      path: [...clientOnVeth, { kind: 'bridge', name: 'docker0' }, ...vethToServer],
    };
  },
};
