import type { Driver } from './driver.ts';
import { capture, count } from './expectation.ts';

export const host: Driver = {
  id: 'host',
  topologies: ['same-host', 'cross-host'],
  summary: 'containers in the host’s own network namespace; the baseline',
  options: {
    mss: 'TCP segments of at most so many bytes, headers’ options included, for the workloads of iperf3 (its -M)',
  },
  needs: (topology) => (topology === 'cross-host' ? ['second-engine'] : []),
  expectations: [
    count('own-loopback', 'both', 'carry', 'same-host'),
    count('other-ports', 'both', 'stay-still'),
    count('underlay', 'both', 'carry', 'cross-host'),
    count('host-loopback', 'both', 'stay-still', 'cross-host'),
    capture('host-loopback', 'both', 'show-canary', 'same-host'),
    capture('underlay', 'both', 'show-canary', 'cross-host'),
    capture('underlay', 'both', 'lack-vxlan', 'cross-host'),
  ],
  async provision(context) {
    const sameHost = context.scenario.topology === 'same-host';
    const server = await context.startContainer(context.serverEngine, { role: 'server', network: 'host' });
    const client = await context.startContainer(context.clientEngine, { role: 'client', network: 'host' });
    const address = sameHost ? '127.0.0.1' : await context.underlayAddress(context.serverEngine);
    const hops = sameHost
      ? ['lo']
      : [
          `${await context.underlayInterface(context.clientEngine)} (client’s host)`,
          'underlay',
          `${await context.underlayInterface(context.serverEngine)} (server’s host)`,
        ];
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: address,
      listenAddress: address,
      networks: [],
      path: ['client', ...hops, 'server'],
    };
  },
};
