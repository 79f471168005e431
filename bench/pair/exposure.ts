import type { Exposure, Plan, ScenarioPlan } from '../../results/schema.ts';
import { traitsOf } from '../../results/traits-of.ts';
import { readyScenarios } from '../plan/plan.ts';
import { enginesOf, type Site } from '../site/site.ts';
import { portRange } from './pair.ts';

/** Whether a network's server listens at its host's address, where others may reach it. */
function isExposed(scenario: ScenarioPlan): boolean {
  const traits = traitsOf(scenario);
  // On one host the host network's pair uses loopback.
  return traits?.publishes === 'underlay' || (traits?.stack === 'host' && scenario.topology === 'cross-host');
}

/**
 * Where servers of a plan's pairs listen while it is carried out, beyond the pairs' own networks and loopback: test
 * tools that take anybody's connections. One entry for each address.
 */
export function exposureOf(site: Pick<Site, 'sameHost' | 'crossHost'>, plan: Plan): Exposure[] {
  const found = new Map<string, Exposure>();
  for (const [index, scenario] of readyScenarios(plan).entries()) {
    const { topology, options } = scenario;
    const side = enginesOf(site, topology)?.server;
    if (!side || !isExposed(scenario)) continue;
    const address = options.ipv6 === 'true' ? side.underlayAddress6 : side.underlayAddress;
    if (address === undefined) continue;
    const { from, to } = portRange(index);
    const known = found.get(`${side.engine.name} ${address}`);
    found.set(`${side.engine.name} ${address}`, {
      engine: side.engine.name,
      address,
      firstPort: Math.min(from, known?.firstPort ?? from),
      lastPort: Math.max(to, known?.lastPort ?? to),
    });
  }
  return [...found.values()];
}
