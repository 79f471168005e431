import type { Hop, Side } from '../results/schema.ts';
import type { ProvisionContext } from './driver.ts';

/** For drivers' paths: a container by its interface in the pair's network, and the veth pair that leads to its host. */
export const clientOnVeth: readonly Hop[] = [
  { kind: 'end', side: 'client', interface: 'eth0' },
  { kind: 'veth', side: 'client' },
];
export const vethToServer: readonly Hop[] = [
  { kind: 'veth', side: 'server' },
  { kind: 'end', side: 'server', interface: 'eth0' },
];

/** The way from the client's host to the server's over the network that joins them. */
export async function acrossUnderlay(context: ProvisionContext): Promise<Hop[]> {
  return [
    await towardsUnderlay(context, 'client'),
    { kind: 'underlay' },
    await towardsUnderlay(context, 'server'),
  ];
}

async function towardsUnderlay(context: ProvisionContext, side: Side): Promise<Hop> {
  const engine = side === 'client' ? context.clientEngine : context.serverEngine;
  return { kind: 'host-interface', side, name: await context.underlayInterface(engine) };
}
