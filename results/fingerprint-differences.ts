import type { Fingerprint } from './schema.ts';

/** One thing in which two runs' machines, engines or tools differ. */
export interface FingerprintDifference {
  readonly role: Fingerprint['role'];
  /** `kernel`, `engineVersion`, or the name of a fact such as `tool/iperf3`. */
  readonly fact: string;
  /** Absent where that run could not read it. */
  readonly base?: string;
  readonly head?: string;
  /** True where figures of the two cannot be compared at all: other machines. */
  readonly isOtherMachine: boolean;
}

/** What makes a machine another machine. The boot id does not: it changes with each start. */
const machineFacts = ['cpu/model', 'cpu/cores', 'cpu/virtualised', 'emulated'];

/** Facts that move from minute to minute. */
const volatileFacts = ['sysctl/net.netfilter.nf_conntrack_count'];

/** Compares the fingerprints of two runs, role by role; what makes other machines comes first. */
export function fingerprintDifferences(
  base: readonly Fingerprint[],
  head: readonly Fingerprint[],
): FingerprintDifference[] {
  const roles = [...new Set([...base, ...head].map((each) => each.role))];
  const differences = roles.flatMap((role) => {
    const before = flatten(base.find((each) => each.role === role));
    const after = flatten(head.find((each) => each.role === role));
    const facts = [...new Set([...before.keys(), ...after.keys()])].sort();
    return facts
      .filter((fact) => before.get(fact) !== after.get(fact) && !volatileFacts.includes(fact))
      .map((fact): FingerprintDifference => {
        const [was, is] = [before.get(fact), after.get(fact)];
        // What one of them could not read does not make it another machine.
        const isOtherMachine = machineFacts.includes(fact) && was !== undefined && is !== undefined;
        return {
          role,
          fact,
          ...(was !== undefined && { base: was }),
          ...(is !== undefined && { head: is }),
          isOtherMachine,
        };
      });
  });
  return differences.sort((a, b) => Number(b.isOtherMachine) - Number(a.isOtherMachine));
}

function flatten(fingerprint: Fingerprint | undefined): Map<string, string> {
  if (!fingerprint) return new Map();
  const { engineVersion, apiVersion, kernel, emulated, imageId, facts } = fingerprint;
  return new Map(
    Object.entries({
      ...facts,
      engineVersion,
      apiVersion,
      kernel,
      emulated: emulated ? 'yes' : 'no',
      imageId,
    }),
  );
}
