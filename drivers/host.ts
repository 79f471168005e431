import type { Hop } from '../results/schema.ts';
import type { Driver, ProvisionContext } from './driver.ts';
import { capture, count } from './expectation.ts';
import { acrossUnderlay } from './hops.ts';
import { ipv6Option, usesIpv6 } from './network-options.ts';

export const host: Driver = {
  id: 'host',
  topologies: ['same-host', 'cross-host'],
  summary: 'containers in the host’s own network namespace; the baseline',
  traits: {
    stack: 'host',
    givesUp: [
      'isolation: the container sees the host’s interfaces, and ports collide',
      'names',
      'encryption',
    ],
  },
  impairable: ['cpus'],
  options: {
    ...ipv6Option,
    mss: {
      meaning:
        'TCP segments of at most so many bytes, headers’ options included, for the workloads of iperf3 (its -M)',
      // The kernel takes 88 (TCP_MIN_MSS) to 32,767 (MAX_TCP_WINDOW).
      pattern: /^(8[89]|9\d|[1-9]\d{2,3}|[12]\d{4})$/,
      example: 'mss=1410',
    },
  },
  needs: (topology, options) => {
    if (topology === 'same-host') return usesIpv6(options) ? ['ipv6-loopback'] : [];
    return ['second-engine', ...(usesIpv6(options) ? (['ipv6-underlay'] as const) : [])];
  },
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
    const address = await addressFor(context);
    const hops: readonly Hop[] = sameHost
      ? [{ kind: 'loopback', namespace: 'host' }]
      : await acrossUnderlay(context);
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: address,
      listenAddress: address,
      networks: [],
      path: [{ kind: 'end', side: 'client' }, ...hops, { kind: 'end', side: 'server' }],
    };
  },
};

async function addressFor(context: ProvisionContext): Promise<string> {
  const { scenario, serverEngine } = context;
  const isIpv6 = usesIpv6(scenario.options);
  if (scenario.topology === 'same-host') return isIpv6 ? '::1' : '127.0.0.1';
  return context.underlayAddress(serverEngine, isIpv6 ? 'IPv6' : 'IPv4');
}
