import { Failure } from '../../results/failure.ts';
import { type Cidr, overlap, parseCidr, twentyFourOf, twentyFours } from '../engine/cidr.ts';
import { destinations, routesCommand } from '../engine/routes.ts';
import { allEngines, type Site, type SiteEngine } from './site.ts';

/** The upper half of RFC 2544's benchmark range, 198.18.0.0/15; the lower one is the lab's. */
const usualRange = '198.19.0.0/16';

/** Hands out /24 networks of a range that no engine has given to a network and no host has a route to. */
export class SubnetPool {
  readonly #range: Cidr;
  readonly #rangeText: string;
  readonly #foreign: readonly Cidr[];
  readonly #given = new Set<string>();
  #next: number;

  /**
   * @param range where the networks may lie: `198.19.0.0/16`
   * @param foreign ranges that others use, as CIDR or single addresses; what is no IPv4 range is passed over
   * @param start where to begin, so that runs side by side on one engine seldom meet
   */
  constructor(range: string, foreign: readonly string[], start: number) {
    const parsed = parseCidr(range);
    if (!parsed || twentyFours(parsed) === 0) throw new Error(`${range} holds no /24`);
    this.#range = parsed;
    this.#rangeText = range;
    this.#foreign = foreign.flatMap((each) => parseCidr(each) ?? []);
    this.#next = start % twentyFours(parsed);
  }

  /** The pool of a run: what its engines' networks and their hosts' routes leave of the site's range. */
  static async of(site: Site): Promise<SubnetPool> {
    const used = await Promise.all(allEngines(site).map(usedAt));
    const seed = Number.parseInt(site.runId.slice(-4), 36) || 0;
    return new SubnetPool(site.subnets ?? usualRange, used.flat(), seed);
  }

  take(): string {
    const count = twentyFours(this.#range);
    for (let tries = 0; tries < count; tries++) {
      const subnet = twentyFourOf(this.#range, this.#next);
      this.#next = (this.#next + 1) % count;
      const cidr = parseCidr(subnet) as Cidr;
      if (this.#given.has(subnet) || this.#foreign.some((each) => overlap(each, cidr))) continue;
      this.#given.add(subnet);
      return subnet;
    }
    throw new Failure(
      'infrastructure',
      `no /24 of ${this.#rangeText} is free on these engines: their networks and their hosts’ routes take all of it`,
      'Give another range with --subnets, or remove networks that earlier runs left: `tare clean`.',
    );
  }

  /** The same subnet may be used again, once its network is gone. */
  giveBack(subnet: string): void {
    this.#given.delete(subnet);
  }
}

async function usedAt({ engine, probe }: SiteEngine): Promise<string[]> {
  const [networks, routes] = await Promise.all([
    engine.docker.listNetworks(),
    probe.tryShell(routesCommand.join(' ')),
  ]);
  return [
    ...networks.flatMap((network) => (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? [])),
    ...(routes.exitCode === 0 ? destinations(routes.stdout) : []),
  ];
}
