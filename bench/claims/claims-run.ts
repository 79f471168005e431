import { claimScenarios, claimWorkloads } from '../../results/claims-criteria.ts';
import { readClaims, writeClaims } from '../../results/claims-file.ts';
import { type Evidence, notTested } from '../../results/evidence.ts';
import { describeFailure, Failure } from '../../results/failure.ts';
import type { Config } from '../config/config.ts';
import type { Listener } from '../run/events.ts';
import { Preflight } from '../site/preflight.ts';
import { allEngines, type Site } from '../site/site.ts';
import { SubnetPool } from '../site/subnets.ts';
import { triedClaims } from './registry.ts';
import { Stage } from './stage.ts';
import { tryClaims } from './try-claims.ts';

/** Blocks that 95 % intervals take; fewer decide no claim (results/claims-criteria.ts). */
const decidingBlocks = 6;

/**
 * A configuration with what the measured claims need beside what was asked for: their scenarios and workloads, and
 * blocks enough for intervals that decide, unless a number of blocks was given.
 * @throws Failure `usage` for a sweep, which measures something else
 */
export function withClaims(config: Config): Config {
  if (config.sweep !== undefined) {
    throw new Failure('usage', '--claims and --sweep measure different things', 'Give one of them.');
  }
  return {
    ...config,
    scenarios: [...(config.scenarios.length > 0 ? config.scenarios : ['*']), ...claimScenarios()],
    workloads: [...config.workloads, ...claimWorkloads()],
    blocks: config.blocks ?? Math.max(decidingBlocks, config.profile.blocks),
  };
}

/** Tries on an open site every claim that can be tried, and keeps the evidence in the run's folder. */
export async function tryClaimsOn(
  site: Site,
  directory: string,
  listener: Listener,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const earlier = (await readClaims(directory)) ?? [];
  const without = async (reason: string) => {
    const evidence = triedClaims.map(
      ({ claim }) => earlier.find((each) => each.claim === claim) ?? notTested(claim, reason),
    );
    await writeClaims(directory, evidence);
    return evidence;
  };
  if (signal.aborted) return without('The run was interrupted before it was tried.');
  let stage: Stage;
  try {
    stage = await openStage(site);
  } catch (error) {
    // What was measured stands by itself: it must reach its report though nothing can be tried.
    const reason = `Nothing could be tried: ${describeFailure(error)}`;
    listener({ type: 'warning', text: reason });
    return without(reason);
  }
  return tryClaims({
    claims: triedClaims,
    stage,
    earlier,
    record: (evidence) => writeClaims(directory, evidence),
    listener,
    signal,
  });
}

async function openStage(site: Site): Promise<Stage> {
  const engines = allEngines(site);
  const pool = await SubnetPool.of(site);
  const preflight = await Preflight.of(site, engines);
  return new Stage(site, pool, (scenario) => preflight.of(scenario));
}
