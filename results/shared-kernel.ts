import type { Topology } from './scenario.ts';
import type { Run } from './schema.ts';

/**
 * Whether both ends of a topology's pairs run on one kernel, so that no NIC lies between them: always on one host, and
 * across hosts where the engines' machines have one boot id, as in a lab. What was not read counts as two.
 */
export function sharesKernel({ fingerprints }: Pick<Run, 'fingerprints'>, topology: Topology): boolean {
  if (topology === 'same-host') return true;
  const machineOf = (side: 'cross-host-server' | 'cross-host-client') =>
    fingerprints.find(({ role }) => role === side)?.machine;
  const server = machineOf('cross-host-server');
  return server !== undefined && server === machineOf('cross-host-client');
}
