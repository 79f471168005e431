import { Failure } from '../../results/failure.ts';
import { type Cidr, overlap, parseCidr, twentyFourOf, twentyFours } from '../engine/cidr.ts';
import type { Engine } from '../engine/engine.ts';
import { ownDestinations } from '../engine/routes.ts';

/** Below the pairs' networks in RFC 2544's benchmark range. */
const usualRange = '198.18.0.0/17';

/**
 * The first /24 of a range that no network of the engine overlaps, nor a route of its host where that is this machine's:
 * Tare's own engine has a network namespace of its own, in which there are no others.
 * @param wanted the range, as CIDR; the usual one where absent
 * @param routes destinations of this machine's routes
 */
export async function labSubnet(
  outer: Engine,
  wanted?: string,
  routes: () => Promise<readonly string[]> = ownDestinations,
): Promise<string> {
  const [networks, hosts] = await Promise.all([
    outer.docker.listNetworks(),
    outer.ownership === 'user' ? routes() : [],
  ]);
  const given = networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).map(({ Subnet }) => Subnet ?? ''));
  const used = [...given, ...hosts].flatMap((each) => parseCidr(each) ?? []);
  const range = parseCidr(wanted ?? usualRange) as Cidr;
  for (let index = 0; index < twentyFours(range); index++) {
    const subnet = twentyFourOf(range, index);
    if (!used.some((each) => overlap(each, parseCidr(subnet) as Cidr))) return subnet;
  }
  throw new Failure(
    'infrastructure',
    `no /24 of ${wanted ?? usualRange} is free on ${outer.name}: its networks and its host’s routes take all of it`,
    'Give another range with --subnets, or remove networks that earlier labs left: `tare clean`.',
  );
}
