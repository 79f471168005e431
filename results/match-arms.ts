import type { Arm, RunRecord } from './schema.ts';

/**
 * Pairs the scenarios of two arms: by id, or else by driver and topology; what has no partner stands alone.
 */
export function matchArms(
  plans: RunRecord['run']['plan']['scenarios'],
  heads: readonly string[],
  bases: readonly string[],
): { head?: string; base?: string }[] {
  const kind = (id: string): string | undefined => {
    const found = plans.find((each) => each.id === id);
    return found && `${found.topology}/${found.driver}`;
  };
  const left = new Set(bases.filter((base) => !heads.includes(base)));
  const matches = heads.map((head) => {
    const base = bases.includes(head) ? head : [...left].find((each) => kind(each) === kind(head));
    if (base === undefined) return { head };
    left.delete(base);
    return { head, base };
  });
  return [...matches, ...[...left].map((base) => ({ base }))];
}

/** The same of the scenarios of which a run has trials. */
export function matchMeasured({ run, trials }: RunRecord): { head?: string; base?: string }[] {
  const ofArm = (arm: Arm): string[] => [
    ...new Set(trials.filter((trial) => trial.arm === arm).map((trial) => trial.scenario)),
  ];
  return matchArms(run.plan.scenarios, ofArm('head'), ofArm('base'));
}
