import { networkInterfaces } from 'node:os';
import type { Need } from '../../drivers/driver.ts';
import { impairmentsOf } from '../../drivers/impairments.ts';
import { driverById, drivers } from '../../drivers/registry.ts';
import type { UnsupportedReason } from '../../results/reasons.ts';
import type { Scenario } from '../../results/scenario.ts';
import type { RunWarning } from '../../results/warnings.ts';
import { runsInOwnContainer } from '../state/own-container.ts';
import { type KnownEngine, limitOf, remarksOn, whyNoCommonSwarm } from './engine-limits.ts';
import { readSettings } from './engine-settings.ts';
import { tryEngine } from './engine-trial.ts';
import { networksThere } from './existing-network.ts';
import type { Remark } from './remark.ts';
import { enginesOf, type Site, type SiteEngine } from './site.ts';
import { SubnetPool } from './subnets.ts';
import { wayLimit, wayRemarks } from './way-out.ts';

export type Readiness =
  | { readonly type: 'ready' }
  | { readonly type: 'unsupported'; readonly reason: UnsupportedReason };

/** A site as preflight needs it. */
export type Examined = Site & {
  /** Engines, by id, on which it has begun already. */
  readonly examined?: ReadonlyMap<string, Promise<KnownEngine>>;
  /** Networks that are there already, by name, which scenarios would join. */
  readonly joins?: readonly string[];
};

/** Finds out about one engine what decides whether scenarios can run there. */
export async function examine(side: SiteEngine, site: Examined, pool: SubnetPool): Promise<KnownEngine> {
  const [settings, networks] = await Promise.all([
    readSettings(side.engine, side.probe),
    networksThere(side.engine, site.joins ?? []),
  ]);
  const trial = await tryEngine(side, site, pool, settings);
  return { name: side.engine.name, settings, trial, networks };
}

/** Probes a site's engines once and answers for each scenario whether it can run there, and why not. */
export class Preflight {
  readonly #site: Site;
  readonly #known: ReadonlyMap<string, KnownEngine>;

  /** @param known what was found out, by engine id */
  constructor(site: Site, known: ReadonlyMap<string, KnownEngine>) {
    this.#site = site;
    this.#known = known;
  }

  static async of(site: Examined, sides: readonly SiteEngine[]): Promise<Preflight> {
    const pool = await SubnetPool.of(site);
    const known = await Promise.all(
      sides.map(
        async (side): Promise<[string, KnownEngine]> => [
          side.engine.id,
          await (site.examined?.get(side.engine.id) ?? examine(side, site, pool)),
        ],
      ),
    );
    return new Preflight(site, new Map(known));
  }

  /** What a reader must know beside the figures of those of the scenarios that are ready, each with those it is about. */
  warnings(scenarios: readonly Scenario[]): RunWarning[] {
    const ready = scenarios.filter((scenario) => this.of(scenario).type === 'ready');
    const found = new Map<string, { readonly remark: Remark; readonly about: Set<string> }>();
    for (const scenario of ready) {
      const engines = enginesOf(this.#site, scenario.topology);
      const remarks = engines
        ? [
            ...this.#knownOf(engines).flatMap((each) => remarksOn(scenario, each)),
            ...sidesOf(engines).flatMap((side) => wayRemarks(scenario, side)),
          ]
        : [];
      for (const remark of remarks) {
        // Full packets differ from scenario to scenario, and are told of each.
        const key = JSON.stringify(remark.code === 'oversize-packets' ? [remark, scenario.id] : remark);
        const known = found.get(key) ?? { remark, about: new Set() };
        found.set(key, known);
        known.about.add(scenario.id);
      }
    }
    return [...found.values()].map(({ remark, about }): RunWarning => {
      const [first = '', ...others] = about;
      if (remark.code === 'oversize-packets') return { ...remark, subject: { scenario: first } };
      const isAll = about.size === ready.length;
      return { ...remark, ...(!isAll && { subject: { scenarios: [first, ...others] } }) };
    });
  }

  /** Ready, or the first need that is not met, with cause and remedy. */
  of(scenario: Scenario): Readiness {
    const driver = driverById(scenario.driver);
    if (!driver?.topologies.includes(scenario.topology)) {
      const { topology } = scenario;
      const fitting = drivers.filter((each) => each.topologies.includes(topology)).map(({ id }) => id);
      return unsupported({ code: 'no-driver', driver: scenario.driver, topology, drivers: fitting });
    }
    const engines = enginesOf(this.#site, scenario.topology);
    if (!engines) return unsupported({ code: 'no-second-engine' });
    const touching = impairmentsOf(driver).find(
      (each) => each.touchesHost && each.option in scenario.options,
    );
    if (touching && engines.server.engine.ownership === 'user') {
      return unsupported({
        code: 'changes-host',
        option: touching.option,
        engine: engines.server.engine.name,
      });
    }
    const unable =
      driver.unable?.(scenario.topology, scenario.options) ??
      sidesOf(engines)
        .map((side) => wayLimit(scenario, side))
        .find((limit) => limit !== undefined) ??
      this.#knownOf(engines)
        .map((each) => limitOf(scenario, each))
        .find((limit) => limit !== undefined);
    if (unable) return unsupported(unable);
    for (const need of driver.needs(scenario.topology, scenario.options)) {
      if (need === 'swarm') {
        const lack = whyNoCommonSwarm(this.#knownOf(engines));
        if (lack) return unsupported(lack);
        continue;
      }
      const missing = this.#lacks(need, engines);
      if (missing) return unsupported(missing);
    }
    return { type: 'ready' };
  }

  #lacks(
    need: Exclude<Need, 'swarm'>,
    { server, client }: { server: SiteEngine; client: SiteEngine },
  ): UnsupportedReason | undefined {
    const sides = sidesOf({ server, client });
    switch (need) {
      case 'second-engine':
        return server.engine.id === client.engine.id ? { code: 'one-engine' } : undefined;
      case 'local-engine':
        if (this.#site.native) return undefined;
        return { code: runsInOwnContainer() ? 'tare-in-container' : 'engine-elsewhere' };
      case 'default-bridge':
        return this.#knownOf({ server, client }).every(({ settings }) => settings.defaultBridge)
          ? undefined
          : { code: 'no-default-bridge' };
      case 'forwarding': {
        const still = this.#knownOf({ server, client }).find(({ settings }) => !settings.forwardsIpv4);
        return still && { code: 'no-forwarding', engine: still.name };
      }
      case 'local-ipv6':
        return Object.values(networkInterfaces())
          .flat()
          .some((each) => each?.address === '::1')
          ? undefined
          : { code: 'no-local-ipv6' };
      case 'ipv6':
        return without(sides, (side) => side.hasIpv6 === true, 'kernel');
      case 'ipv6-loopback':
        return without(sides, (side) => side.hasLoopback6 === true, 'loopback');
      case 'ipv6-underlay':
        return without(sides, (side) => side.underlayAddress6 !== undefined, 'underlay');
      default: {
        for (const { name: engine, trial } of this.#knownOf({ server, client })) {
          const finding = trial.findings.get(need);
          if (!finding) return { code: 'not-found-out', engine, need, because: `${trial.cutShort}` };
          if (!finding.works) return { code: 'lacks', engine, need, cause: finding.cause };
        }
        return undefined;
      }
    }
  }

  #knownOf({ server, client }: { server: SiteEngine; client: SiteEngine }): KnownEngine[] {
    return sidesOf({ server, client }).map((side) => {
      const known = this.#known.get(side.engine.id);
      if (!known) throw new Error(`${side.engine.name} was not looked at`);
      return known;
    });
  }
}

const sidesOf = ({ server, client }: { server: SiteEngine; client: SiteEngine }): SiteEngine[] => [
  ...new Set([server, client]),
];

function without(
  sides: readonly SiteEngine[],
  has: (side: SiteEngine) => boolean,
  at: 'kernel' | 'loopback' | 'underlay',
): UnsupportedReason | undefined {
  const lacking = sides.find((side) => !has(side));
  return lacking && { code: 'no-ipv6', engine: lacking.engine.name, at };
}

function unsupported(reason: UnsupportedReason): Readiness {
  return { type: 'unsupported', reason };
}
