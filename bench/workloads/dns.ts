import { kinds } from './metrics.ts';
import { countedDns, measureDnsperf } from './tools/dnsperf.ts';
import type { Workload } from './workload.ts';

/** Queries to Docker's embedded resolver. */
export const dns: Workload = {
  id: 'dns',
  summary:
    'A queries for the server’s name, sixteen at a time, to Docker’s embedded resolver at 127.0.0.11 (dnsperf).',
  caveat:
    'The resolver runs inside the engine and answers from its memory: the figure weighs the engine and not the network between the containers. The host network has none, so there is no baseline to compare with.',
  metrics: [kinds.queries, kinds.latencyP50, kinds.latencyP90, kinds.latencyP99, kinds.loss],
  servers: () => [],
  staysAtClient: true,
  unsupported: ({ naming }) =>
    naming ? undefined : 'Docker resolves names only within one user-defined network.',
  counted: countedDns,
  measure: measureDnsperf,
};
