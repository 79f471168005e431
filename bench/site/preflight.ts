import { networkInterfaces } from 'node:os';
import type { Need } from '../../drivers/driver.ts';
import { impairmentsOf } from '../../drivers/impairments.ts';
import { driverById, drivers } from '../../drivers/registry.ts';
import type { Scenario } from '../../results/scenario.ts';
import { type KnownEngine, limitOf, remarksOn, whyNoCommonSwarm } from './engine-limits.ts';
import { readSettings } from './engine-settings.ts';
import { tryEngine } from './engine-trial.ts';
import { enginesOf, type Site, type SiteEngine } from './site.ts';
import { SubnetPool } from './subnets.ts';
import { wayLimit, wayRemarks } from './way-out.ts';

export type Readiness =
  | { readonly type: 'ready' }
  | { readonly type: 'unsupported'; readonly reason: string; readonly remedy: string };

/** What to do about a need that has one remedy, whatever it lacks. */
const remedies: Readonly<Record<Exclude<Need, 'swarm'>, string>> = {
  veth: 'Use a kernel with CONFIG_VETH (modprobe veth).',
  bridge: 'Use a kernel with CONFIG_BRIDGE (modprobe bridge).',
  macvlan: 'Use a kernel with CONFIG_MACVLAN (modprobe macvlan).',
  ipvlan: 'Use a kernel with CONFIG_IPVLAN (modprobe ipvlan).',
  vxlan: 'Use a kernel with CONFIG_VXLAN (modprobe vxlan).',
  esp: 'Use a kernel with CONFIG_INET_ESP and AES-GCM (modprobe esp4 && modprobe gcm).',
  dnat: 'Let dockerd write its firewall rules (--iptables=true, with iptables or nft on its host).',
  forwarding: 'Let its host forward packets (sysctl net.ipv4.ip_forward=1, dockerd --ip-forward=true).',
  'default-bridge': 'Start dockerd without --bridge=none, or measure same-host/bridge.',
  'userland-proxy': 'Let dockerd start its proxy (--userland-proxy=true).',
  'local-engine': 'Run Tare on the machine of the engine.',
  ipv6: 'Load the kernel’s IPv6 (modprobe ipv6; not ipv6.disable=1).',
  'ipv6-loopback': 'Turn IPv6 on there (sysctl net.ipv6.conf.lo.disable_ipv6=0).',
  'local-ipv6': 'Turn IPv6 on here (sysctl net.ipv6.conf.lo.disable_ipv6=0).',
  'ipv6-underlay': 'Give both hosts IPv6 addresses on that network, or use the lab (--lab).',
  'second-engine': 'Give a second engine (--engine twice) or use the lab (--lab).',
};

/** A remark on more scenarios than this names none of them. */
const mostNamed = 4;

/** Probes a site's engines once and answers for each scenario whether it can run there, and why not. */
export class Preflight {
  readonly #site: Site;
  readonly #known: ReadonlyMap<string, KnownEngine>;

  /** @param known what was found out, by engine id */
  constructor(site: Site, known: ReadonlyMap<string, KnownEngine>) {
    this.#site = site;
    this.#known = known;
  }

  static async of(site: Site, sides: readonly SiteEngine[]): Promise<Preflight> {
    const pool = await SubnetPool.of(site);
    const known = await Promise.all(
      sides.map(async (side): Promise<[string, KnownEngine]> => {
        const settings = await readSettings(side.engine, side.probe);
        const trial = await tryEngine(side, site, pool, settings);
        return [side.engine.id, { name: side.engine.name, settings, trial }];
      }),
    );
    return new Preflight(site, new Map(known));
  }

  /**
   * What a reader must know beside the figures of those of the scenarios that are ready: a sentence each, with the
   * scenarios that it is about where it is not about all.
   */
  warnings(scenarios: readonly Scenario[]): string[] {
    const ready = scenarios.filter((scenario) => this.of(scenario).type === 'ready');
    const about = new Map<string, string[]>();
    for (const scenario of ready) {
      const engines = enginesOf(this.#site, scenario.topology);
      const remarks = engines
        ? [
            ...this.#knownOf(engines).flatMap((each) => remarksOn(scenario, each)),
            ...sidesOf(engines).flatMap((side) => wayRemarks(scenario, side)),
          ]
        : [];
      for (const remark of new Set(remarks)) about.set(remark, [...(about.get(remark) ?? []), scenario.id]);
    }
    return [...about].map(([remark, ids]) =>
      ids.length > mostNamed || ids.length === ready.length || ids.every((id) => remark.includes(id))
        ? remark
        : `${ids.join(', ')}: ${remark}`,
    );
  }

  /** Ready, or the first need that is not met, with cause and remedy. */
  of(scenario: Scenario): Readiness {
    const driver = driverById(scenario.driver);
    if (!driver?.topologies.includes(scenario.topology)) {
      return unsupported(
        `no driver "${scenario.driver}" for ${scenario.topology}`,
        `Choose among ${drivers
          .filter((each) => each.topologies.includes(scenario.topology))
          .map((each) => each.id)
          .join(', ')}.`,
      );
    }
    const engines = enginesOf(this.#site, scenario.topology);
    if (!engines) return unsupported('there is no second engine', remedies['second-engine']);
    const touching = impairmentsOf(driver).find(
      (each) => each.touchesHost && each.option in scenario.options,
    );
    if (touching && engines.server.engine.ownership === 'user') {
      return unsupported(
        `${touching.option} would change the host of ${engines.server.engine.name}, which is not Tare’s own`,
        'Measure it on the engine that Tare starts.',
      );
    }
    const unable =
      driver.unable?.(scenario.topology, scenario.options) ??
      sidesOf(engines)
        .map((side) => wayLimit(scenario, side))
        .find((limit) => limit !== undefined) ??
      this.#knownOf(engines)
        .map((each) => limitOf(scenario, each))
        .find((limit) => limit !== undefined);
    if (unable) return unsupported(unable.reason, unable.remedy);
    for (const need of driver.needs(scenario.topology, scenario.options)) {
      if (need === 'swarm') {
        const lack = whyNoCommonSwarm(this.#knownOf(engines));
        if (lack) return unsupported(lack.reason, lack.remedy);
        continue;
      }
      const missing = this.#lacks(need, engines);
      if (missing) return unsupported(missing, remedies[need]);
    }
    return { type: 'ready' };
  }

  #lacks(
    need: Exclude<Need, 'swarm'>,
    { server, client }: { server: SiteEngine; client: SiteEngine },
  ): string | undefined {
    const sides = sidesOf({ server, client });
    switch (need) {
      case 'second-engine':
        return server.engine.id === client.engine.id ? 'both ends are one engine' : undefined;
      case 'local-engine':
        return this.#site.native ? undefined : 'the engine is on another machine';
      case 'default-bridge':
        return this.#knownOf({ server, client }).every(({ settings }) => settings.defaultBridge)
          ? undefined
          : 'the engine has no default bridge (bridge: none)';
      case 'forwarding': {
        const still = this.#knownOf({ server, client }).find(({ settings }) => !settings.forwardsIpv4);
        return still && `the host of ${still.name} forwards no IPv4 packets (ip-forward: false)`;
      }
      case 'local-ipv6':
        return Object.values(networkInterfaces())
          .flat()
          .some((each) => each?.address === '::1')
          ? undefined
          : 'this machine’s loopback has no IPv6 address';
      case 'ipv6':
        return without(sides, (side) => side.hasIpv6 === true, 'kernel has no IPv6');
      case 'ipv6-loopback':
        return without(sides, (side) => side.hasLoopback6 === true, 'loopback has no IPv6 address');
      case 'ipv6-underlay':
        return without(
          sides,
          (side) => side.underlayAddress6 !== undefined,
          'host has no IPv6 address on it',
        );
      default: {
        for (const { name, trial } of this.#knownOf({ server, client })) {
          const finding = trial.findings.get(need);
          if (!finding) return `${name}: whether it has ${need} could not be found out: ${trial.cutShort}`;
          if (!finding.works) return `${name}: ${finding.cause}`;
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
  lack: string,
): string | undefined {
  const lacking = sides.find((side) => !has(side));
  return lacking && `${lacking.engine.name}: its ${lack}`;
}

function unsupported(reason: string, remedy: string): Readiness {
  return { type: 'unsupported', reason, remedy };
}
