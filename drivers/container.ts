import type { Driver } from './driver.ts';
import { capture, count } from './expectation.ts';

export const container: Driver = {
  id: 'container',
  topologies: ['same-host'],
  summary: 'the client joins the server’s network namespace (--network container:ID)',
  options: {},
  needs: () => ['veth', 'bridge'],
  expectations: [
    count('own-loopback', 'both', 'carry'),
    count('own', 'both', 'stay-still'),
    capture('anywhere', 'both', 'hide-canary'),
  ],
  async provision(context) {
    const server = await context.startContainer(context.serverEngine, { role: 'server', network: 'bridge' });
    const client = await context.startContainer(context.clientEngine, {
      role: 'client',
      network: `container:${server.id}`,
    });
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: '127.0.0.1',
      listenAddress: '127.0.0.1',
      networks: [],
      path: ['client', 'lo of the shared namespace', 'server'],
    };
  },
};
