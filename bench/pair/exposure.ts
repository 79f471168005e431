import type { Exposure, Plan } from '../../results/schema.ts';
import { readyScenarios } from '../plan/plan.ts';
import { enginesOf, type Site } from '../site/site.ts';
import { portRange } from './pair.ts';

/** Drivers whose servers listen at the host's address, where others may reach it; the others' networks are the pair's. */
const atTheHostsAddress = ['host', 'bridge-published'];

/**
 * Where servers of a plan's pairs listen while it is carried out, beyond the pairs' own networks and loopback: test
 * tools that take anybody's connections. One entry for each address.
 */
export function exposureOf(site: Pick<Site, 'sameHost' | 'crossHost'>, plan: Plan): Exposure[] {
  const found = new Map<string, Exposure>();
  for (const [index, { driver, topology, options }] of readyScenarios(plan).entries()) {
    const side = enginesOf(site, topology)?.server;
    // On one host the host network's pair uses loopback.
    if (!side || !atTheHostsAddress.includes(driver) || (driver === 'host' && topology === 'same-host'))
      continue;
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
