import { Failure } from '../../results/failure.ts';
import { type FingerprintDifference, fingerprintDifferences } from '../../results/fingerprint-differences.ts';
import { parseScenarioId, type Scenario } from '../../results/scenario.ts';
import type { Fingerprint, Run } from '../../results/schema.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import type { RunWarning } from '../../results/warnings.ts';
import type { Readiness } from '../site/preflight.ts';

/** Figures from before and after a change of one of these are not of one run. */
const decisive: readonly string[] = ['kernel', 'engineVersion', 'imageId'];
/** The same, where both readings have them: which engine it is, and over which interface it is measured. */
const decisiveFacts: readonly string[] = [
  'engine/owner',
  'engine/id',
  'underlay/interface',
  'data-path/interface',
];

/**
 * Whether a run may be gone on with here: on the machines, engines, kernels and image that it was begun on, and with all
 * that it planned still ready.
 * @returns what changed and is to be told in the record, since it may have moved figures
 * @throws Failure `usage` that names what is another, or what is no longer ready
 */
export function changesSince(
  run: Run,
  now: readonly Fingerprint[],
  ready: (scenario: Scenario) => Readiness,
): RunWarning[] {
  const others = [
    ...missingEngines(run, now),
    ...fingerprintDifferences(run.fingerprints, now).filter(isDecisive),
  ];
  if (others.length > 0) {
    const engines = [...new Set(run.fingerprints.map(({ engine }) => engine))].join(', ');
    throw new Failure(
      'usage',
      `run ${run.id} can’t be gone on with here: ${others.map(words).join('; ')}`,
      `Give what it was begun on (${engines}; --engine, --lab, --underlay), or start another run.`,
    );
  }
  for (const planned of run.plan.scenarios) {
    if (planned.status !== 'ready') continue;
    const readiness = ready({ ...(parseScenarioId(planned.id) as Scenario), ...planned });
    if (readiness.type === 'ready') continue;
    throw new Failure(
      'usage',
      `run ${run.id} can’t be gone on with here: ${planned.id} is no longer ready, ${unsupportedText(readiness.reason)}`,
      unsupportedRemedy(readiness.reason),
    );
  }
  const restarted = now.some(
    ({ role, machine }) => run.fingerprints.find((each) => each.role === role)?.machine !== machine,
  );
  const changes = fingerprintDifferences(run.fingerprints, now).filter(isTelling);
  if (!restarted && changes.length === 0) return [];
  return [{ code: 'changed-between', restarted, changes: changes.map(changeOf) }];
}

const changeOf = ({ fact, role, base, head }: FingerprintDifference) => ({
  ...{ fact, role },
  ...(base !== undefined && { was: base }),
  ...(head !== undefined && { is: head }),
});

/** An engine's own rules come and go with its networks; more than these are somebody's. */
function isTelling({ fact, base, head }: FingerprintDifference): boolean {
  return !/^netfilter\/.*-rules$/.test(fact) || Math.abs(Number(head) - Number(base)) >= 50;
}

function isDecisive({ fact, base, head, isOtherMachine }: FingerprintDifference): boolean {
  const isInBoth = base !== undefined && head !== undefined;
  return isOtherMachine || decisive.includes(fact) || (isInBoth && decisiveFacts.includes(fact));
}

/** Engines under another name, and those that are not there, as if they were differences of a fact. */
function missingEngines(run: Run, now: readonly Fingerprint[]): FingerprintDifference[] {
  return run.fingerprints.flatMap(({ role, engine }) => {
    const found = now.find((each) => each.role === role)?.engine;
    if (found === engine) return [];
    return [
      {
        role,
        fact: 'engine',
        base: engine,
        ...(found !== undefined && { head: found }),
        isOtherMachine: true,
      },
    ];
  });
}

function words({ role, fact, base, head }: FingerprintDifference): string {
  return `${fact} (${role}) was ${base ?? 'not known'} and is ${head ?? 'not known'}`;
}
