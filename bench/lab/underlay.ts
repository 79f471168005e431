import { Failure } from '../../results/failure.ts';
import { type Cidr, overlap, parseCidr, twentyFourOf, twentyFours } from '../engine/cidr.ts';
import type { Engine } from '../engine/engine.ts';

/** Below the pairs' networks in RFC 2544's benchmark range. */
const range = parseCidr('198.18.0.0/17') as Cidr;

/** The first of 198.18.0.0/24 … 198.18.127.0/24 that no network of the engine overlaps. */
export async function labSubnet(outer: Engine): Promise<string> {
  const networks = await outer.docker.listNetworks();
  const used = networks.flatMap((network) =>
    (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => parseCidr(Subnet ?? '') ?? []),
  );
  for (let index = 0; index < twentyFours(range); index++) {
    const subnet = twentyFourOf(range, index);
    if (!used.some((each) => overlap(each, parseCidr(subnet) as Cidr))) return subnet;
  }
  throw new Failure(
    'infrastructure',
    `no /24 of 198.18.0.0/17 is free on ${outer.name}`,
    'Remove networks that earlier labs left: `tare clean`.',
  );
}
