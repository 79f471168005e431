import { isIP } from 'node:net';
import { driverById, traitsOn } from '../../drivers/registry.ts';
import { oversizeOf, ownMtuBytes } from '../../results/encapsulation.ts';
import type { UnsupportedReason } from '../../results/reasons.ts';
import type { Scenario } from '../../results/scenario.ts';
import type { Remark } from './remark.ts';
import { type SiteEngine, wayOut } from './site.ts';

type Side = Parameters<typeof wayOut>[0] &
  Pick<SiteEngine, 'underlayRemark'> & { readonly engine: { readonly name: string } };

/** Why a scenario's way between hosts can't be watched at one of them; undefined where it can. Pure. */
export function wayLimit(scenario: Scenario, side: Side): UnsupportedReason | undefined {
  if (scenario.topology !== 'cross-host' || side.dataPath?.type !== 'unknown') return undefined;
  // A plain overlay's packets tell by themselves where they are; encrypted ones are known by their addresses only.
  if (!driverById(scenario.driver)?.overDataPath || !traitsOn(scenario)?.encrypts) return undefined;
  return { code: 'data-path-unknown', engine: side.engine.name, said: side.dataPath.reason };
}

/** What a reader must know of a scenario's way between hosts at one of them. Pure. */
export function wayRemarks(scenario: Scenario, side: Side): Remark[] {
  const { topology, driver } = scenario;
  if (topology !== 'cross-host') return [];
  const engine = side.engine.name;
  const remarks: Remark[] = side.underlayRemark ? [{ ...side.underlayRemark, engine }] : [];
  const { address, mtuBytes } = wayOut(side, scenario);
  const around = traitsOn(scenario)?.encapsulates;
  const own = around && ownMtuBytes(around, scenario.options);
  const oversize = oversizeOf(scenario, around, own, mtuBytes, isIP(address) === 6);
  if (oversize) remarks.push({ code: 'oversize-packets', ...oversize });
  if (!driverById(driver)?.overDataPath) return remarks;
  if (side.dataPath?.type === 'found' && side.dataPath.isAssumed) {
    remarks.push({ code: 'data-path-assumed', engine, interface: side.dataPath.interface });
  }
  if (side.dataPath?.type === 'unknown') {
    remarks.push({ code: 'data-path-unknown', engine, said: side.dataPath.reason });
  }
  return remarks;
}
