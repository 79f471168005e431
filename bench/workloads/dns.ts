import type { Topology } from '../../results/scenario.ts';
import { kinds } from './metrics.ts';
import { measureDnsperf } from './tools/dnsperf.ts';
import type { Workload } from './workload.ts';

/** Drivers whose client stands in a user-defined network beside a server that has a name there, by topology. */
const namingDrivers: Readonly<Record<Topology, readonly string[]>> = {
  'same-host': ['bridge', 'macvlan', 'ipvlan-l2', 'ipvlan-l3', 'overlay'],
  // macvlan and ipvlan are two networks there, one on each engine; neither resolver knows the other's names.
  'cross-host': ['overlay', 'overlay-encrypted'],
};

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
  unsupported: ({ driver, topology }) =>
    namingDrivers[topology].includes(driver)
      ? undefined
      : 'Docker resolves names only within one user-defined network.',
  measure: measureDnsperf,
};
