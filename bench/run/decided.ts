import { defaultGateOptions, type GateOptions, gateLive } from '../../results/gate.ts';
import { compareArms } from '../../results/live.ts';
import type { Run, Trial } from '../../results/schema.ts';

/**
 * Whether a live comparison may end after so many blocks: at one of the looks that its plan declares, with a verdict.
 * A run without looks goes on to its last block.
 * @param rules those by which `tare gate` will judge it
 */
export function isDecided(
  run: Run,
  trials: readonly Trial[],
  blocks: number,
  rules: GateOptions = defaultGateOptions,
): boolean {
  const { looks } = run.plan;
  const index = looks?.indexOf(blocks) ?? -1;
  if (!looks || index < 0) return false;
  const { verdict } = gateLive(compareArms({ run, trials }), rules, { index, looks });
  return verdict === 'pass' || verdict === 'improved' || verdict === 'regressed';
}
