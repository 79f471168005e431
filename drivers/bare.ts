import type { Driver } from './driver.ts';
import { count } from './expectation.ts';
import { ipv6Option, usesIpv6 } from './network-options.ts';

export const bare: Driver = {
  id: 'bare',
  topologies: ['same-host'],
  summary: 'no container: the tool itself on the loopback of this machine',
  traits: { stack: 'machine', givesUp: [] },
  impairable: [],
  options: ipv6Option,
  needs: (_, options) => ['local-engine', ...(usesIpv6(options) ? (['local-ipv6'] as const) : [])],
  expectations: [count('own-loopback', 'both', 'carry')],
  async provision({ scenario }) {
    const address = usesIpv6(scenario.options) ? '::1' : '127.0.0.1';
    return {
      server: { type: 'bare' },
      client: { type: 'bare' },
      serverAddress: address,
      listenAddress: address,
      networks: [],
      path: [
        { kind: 'end', side: 'client', place: 'process' },
        { kind: 'loopback', namespace: 'host' },
        { kind: 'end', side: 'server', place: 'process' },
      ],
    };
  },
};
