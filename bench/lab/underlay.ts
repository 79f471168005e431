import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';

/** The first of 198.18.0.0/24 … 198.18.127.0/24 that no network of the engine has. */
export async function labSubnet(outer: Engine): Promise<string> {
  const networks = await outer.docker.listNetworks();
  const used = new Set(
    networks.flatMap((network) => (network.IPAM?.Config ?? []).map(({ Subnet }) => Subnet)),
  );
  for (let third = 0; third < 128; third++) {
    const subnet = `198.18.${third}.0/24`;
    if (!used.has(subnet)) return subnet;
  }
  throw new Failure(
    'infrastructure',
    `no /24 of 198.18.0.0/17 is free on ${outer.name}`,
    'Remove networks that earlier labs left: `tare clean`.',
  );
}
