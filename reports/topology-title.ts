import type { Topology } from '../results/scenario.ts';
import type { Run } from '../results/schema.ts';
import { sharesKernel } from '../results/shared-kernel.ts';

/** What stands above a topology's figures. Two engines on one kernel are no two hosts, and nobody shall take them so. */
export function topologyTitle(run: Pick<Run, 'fingerprints'>, topology: Topology): string {
  if (topology === 'same-host') return 'Same host';
  return sharesKernel(run, topology)
    ? 'Two engines on one kernel, no NIC (in place of two hosts)'
    : 'Across hosts';
}

/** The same within a sentence: `same host`. */
export function topologyPhrase(title: string): string {
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}
