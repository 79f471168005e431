import { networkInterfaces } from 'node:os';
import type { Need } from '../../drivers/driver.ts';
import { impairmentsOf } from '../../drivers/impairments.ts';
import { driverById, drivers } from '../../drivers/registry.ts';
import type { Scenario } from '../../results/scenario.ts';
import { type KernelFinding, probeKernel } from './preflight-kernel.ts';
import { enginesOf, type Site, type SiteEngine } from './site.ts';

export type Readiness =
  | { readonly type: 'ready' }
  | { readonly type: 'unsupported'; readonly reason: string; readonly remedy: string };

const remedies: Readonly<Record<Need, string>> = {
  veth: 'Use a kernel with CONFIG_VETH (modprobe veth).',
  bridge: 'Use a kernel with CONFIG_BRIDGE (modprobe bridge).',
  macvlan: 'Use a kernel with CONFIG_MACVLAN (modprobe macvlan).',
  ipvlan: 'Use a kernel with CONFIG_IPVLAN (modprobe ipvlan).',
  vxlan: 'Use a kernel with CONFIG_VXLAN (modprobe vxlan).',
  esp: 'Use a kernel with CONFIG_INET_ESP and AES-GCM (modprobe esp4 && modprobe gcm).',
  swarm: 'Form a swarm (docker swarm init, join) and run again, or measure in the lab (--lab).',
  iptables: 'Install iptables on the engine’s host and let dockerd use it (--iptables=true).',
  'userland-proxy': 'Let dockerd start its proxy (--userland-proxy=true).',
  'local-engine': 'Run Tare on the machine of the engine.',
  ipv6: 'Load the kernel’s IPv6 (modprobe ipv6; not ipv6.disable=1).',
  'ipv6-loopback': 'Turn IPv6 on there (sysctl net.ipv6.conf.lo.disable_ipv6=0).',
  'local-ipv6': 'Turn IPv6 on here (sysctl net.ipv6.conf.lo.disable_ipv6=0).',
  'ipv6-underlay': 'Give both hosts IPv6 addresses on that network, or use the lab (--lab).',
  'second-engine': 'Give a second engine (--engine twice) or use the lab (--lab).',
};

/** Probes a site's engines once and answers for each scenario whether it can run there, and why not. */
export class Preflight {
  readonly #site: Site;
  readonly #findings: ReadonlyMap<string, ReadonlyMap<Need, KernelFinding>>;

  private constructor(site: Site, findings: ReadonlyMap<string, ReadonlyMap<Need, KernelFinding>>) {
    this.#site = site;
    this.#findings = findings;
  }

  static async of(site: Site, sides: readonly SiteEngine[]): Promise<Preflight> {
    const findings = await Promise.all(
      sides.map(async (side) => [side.engine.id, await probeKernel(side, site)] as const),
    );
    return new Preflight(site, new Map(findings));
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
    const touching = impairmentsOf(driver.id).find(
      (each) => each.touchesHost && each.option in scenario.options,
    );
    if (touching && engines.server.engine.ownership === 'user') {
      return unsupported(
        `${touching.option} would change the host of ${engines.server.engine.name}, which is not Tare’s own`,
        'Measure it on the engine that Tare starts.',
      );
    }
    const unable = driver.unable?.(scenario.topology, scenario.options);
    if (unable) return unsupported(unable.reason, unable.remedy);
    for (const need of driver.needs(scenario.topology, scenario.options)) {
      const missing = this.#lacks(need, engines);
      if (missing) return unsupported(missing, remedies[need]);
    }
    return { type: 'ready' };
  }

  #lacks(need: Need, { server, client }: { server: SiteEngine; client: SiteEngine }): string | undefined {
    const sides = server === client ? [server] : [server, client];
    switch (need) {
      case 'second-engine':
        return server.engine.id === client.engine.id ? 'both ends are one engine' : undefined;
      case 'local-engine':
        return this.#site.native ? undefined : 'the engine is on another machine';
      case 'swarm': {
        const outside = sides.find((side) => !side.swarm);
        if (outside) return `${outside.engine.name} is in no swarm`;
        return sides.some((side) => side.swarm?.manager)
          ? undefined
          : 'neither engine is a manager of the swarm';
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
        for (const side of sides) {
          const finding = this.#findings.get(side.engine.id)?.get(need);
          if (finding && !finding.works) return `${side.engine.name}: ${finding.cause}`;
        }
        return undefined;
      }
    }
  }
}

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
