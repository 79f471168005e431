import type { Driver } from './driver.ts';
import { count } from './expectation.ts';

export const bare: Driver = {
  id: 'bare',
  topologies: ['same-host'],
  summary: 'no container: the tool itself on the loopback of this machine',
  options: {},
  needs: () => ['local-engine'],
  expectations: [count('own-loopback', 'both', 'carry')],
  async provision() {
    return {
      server: { type: 'bare' },
      client: { type: 'bare' },
      serverAddress: '127.0.0.1',
      listenAddress: '127.0.0.1',
      networks: [],
      path: ['client process', 'lo', 'server process'],
    };
  },
};
