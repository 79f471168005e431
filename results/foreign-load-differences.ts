import type { FingerprintDifference } from './fingerprint-differences.ts';
import { type ForeignLoad, foreignLoads, isLoaded, loadText } from './foreign-load.ts';
import type { Fingerprint, RunRecord } from './schema.ts';
import { isMeasuredBlock } from './summary.ts';

/**
 * What other programs did on each machine in two runs, wherever that was notable in either: whatever the figures say then,
 * it may be these programs' doing.
 */
export function foreignLoadDifferences(base: RunRecord, head: RunRecord): FingerprintDifference[] {
  const [was, is] = [loadsByRole(base), loadsByRole(head)];
  const roles = [...new Set([...was.keys(), ...is.keys()])];
  const shown = new Set<ForeignLoad>();
  return roles.flatMap((role) => {
    const loads = [was.get(role), is.get(role)];
    if (!loads.some((load) => load && isLoaded(load))) return [];
    // The engines of a lab share one machine, which is one load.
    if (loads.every((load) => load === undefined || shown.has(load))) return [];
    for (const load of loads) if (load) shown.add(load);
    const [before, after] = loads.map((load) => load && loadText(load));
    return [
      {
        role,
        fact: 'CPU taken by other programs',
        ...(before !== undefined && { base: before }),
        ...(after !== undefined && { head: after }),
        isOtherMachine: false,
      },
    ];
  });
}

function loadsByRole({ run, trials }: RunRecord): Map<Fingerprint['role'], ForeignLoad> {
  const loads = foreignLoads(trials.filter(isMeasuredBlock));
  return new Map(
    run.fingerprints.flatMap(({ role, machine }) => {
      const load = loads.find((each) => each.machine === machine);
      return load ? [[role, load] as const] : [];
    }),
  );
}
