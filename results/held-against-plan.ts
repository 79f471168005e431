import type { Lack, Run, Trial } from './schema.ts';

/**
 * A trial that the plan can't have had: of another scenario, arm, workload or block. A record that holds one was put
 * together from several, or written by hand.
 * @returns what it is of, in words; undefined where the plan has such a trial
 */
export function strangeToPlan({ plan }: Pick<Run, 'plan'>): (trial: Trial) => string | undefined {
  const scenarios = new Set(
    plan.scenarios.flatMap(({ id, arm, status }) => (status === 'ready' ? [cellOf(id, arm)] : [])),
  );
  const workloads = new Set(plan.workloads.map(({ id }) => id));
  return ({ scenario, arm, workload, block }) => {
    if (!scenarios.has(cellOf(scenario, arm))) return `${scenario}${arm ? ` in the arm ${arm}` : ''}`;
    if (!workloads.has(workload)) return workload;
    return block < plan.blocks ? undefined : `block ${block}`;
  };
}

/**
 * Holds the trials of a record against its plan. Each planned trial leaves a line, whatever became of it, so that one
 * without a line was lost from the file. Trials that a run had not come to when it was ended are not missed.
 * @returns undefined where nothing is missing
 */
export function lackOf(run: Run, trials: readonly Trial[]): Lack | undefined {
  const last = trials.reduce((most, { order }) => Math.max(most, order), -1);
  const gaps = last + 1 - new Set(trials.map(({ order }) => order)).size;
  const isDecidedEarly = run.plan.looks?.includes(measuredBlocks(trials)) === true;
  let missing = gaps;
  if (run.state === 'finished') {
    const planned = isDecidedEarly ? undefined : run.trialsPlanned;
    missing =
      planned === undefined
        ? Math.max(gaps, emptyCells(run, trials, isDecidedEarly))
        : gaps + planned - (last + 1);
  }
  return missing > 0 ? { missing, expected: missing + trials.length } : undefined;
}

const measuredBlocks = (trials: readonly Trial[]): number =>
  trials.reduce((most, { block }) => Math.max(most, block + 1), 0);

/** Combinations of scenario, workload and block that the plan has and no trial is of. */
function emptyCells({ plan }: Run, trials: readonly Trial[], isDecidedEarly: boolean): number {
  const measured = new Set<string>();
  const kinds = new Map<string, string>();
  for (const { scenario, arm, workload, block } of trials) {
    if (block < 0) continue;
    const kind = cellOf(scenario, arm, workload);
    measured.add(cellOf(kind, block));
    kinds.set(kind, workload);
  }
  const isLive = plan.scenarios.some(({ arm }) => arm !== undefined);
  // In a live comparison a scenario is measured where its counterpart can be, which the plan does not tell.
  if (!isLive) {
    for (const { id } of plan.scenarios.filter(({ status }) => status === 'ready')) {
      for (const workload of plan.workloads) {
        if (!isExcluded(plan, id, workload.id)) kinds.set(cellOf(id, undefined, workload.id), workload.id);
      }
    }
  }
  const everyBlocks = new Map(plan.workloads.map((each) => [each.id, each.everyBlocks ?? 1]));
  const blocks = isDecidedEarly ? measuredBlocks(trials) : plan.blocks;
  let empty = 0;
  for (let block = 0; block < blocks; block++) {
    for (const [kind, workload] of kinds) {
      if (block % (everyBlocks.get(workload) ?? 1) === 0 && !measured.has(cellOf(kind, block))) empty += 1;
    }
  }
  return empty;
}

function isExcluded({ exclusions }: Run['plan'], scenario: string, workload: string): boolean {
  return exclusions?.some((each) => each.scenario === scenario && each.workload === workload) === true;
}

const cellOf = (...parts: readonly (string | number | undefined)[]): string => parts.join('\n');

/** Why a run that lacks trials is not judged. */
export function lackRefusal(run: string, { missing, expected }: Lack) {
  return {
    what: `run ${run}`,
    reason: `its record lacks ${missing} of ${expected} trials`,
    remedy: 'Restore its trials.ndjson from a copy, or measure again.',
  };
}
