import type { Hop, Side } from '../results/schema.ts';
import type { Driver, NetworkSpec, PairWiring, ProvisionContext } from './driver.ts';
import { addressOf, ipv6Option, usesIpv6 } from './network-options.ts';

/** Options of the drivers that stand on a parent interface. */
export const parentOptions: Driver['options'] = {
  ...ipv6Option,
  parent: {
    meaning:
      'interface of the host to stand on (default: a veth pair that Tare makes; across hosts the underlay’s interface)',
    // What the kernel takes as an interface's name, and no more than names are made of.
    pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/,
    example: 'parent=eth1',
  },
};

/** The two halves of a /24, for networks that share a subnet but are addressed by two engines that don't know of each other. */
export function halves(subnet: string): [string, string] {
  const base = subnet.replace(/\.0\/24$/, '');
  return [`${base}.0/25`, `${base}.128/25`];
}

/**
 * Wires a pair on one network per engine, each on its engine's parent interface and all in one subnet: what macvlan
 * and ipvlan L2 have in common.
 */
export async function provisionOnParent(
  context: ProvisionContext,
  network: { readonly driver: 'macvlan' | 'ipvlan'; readonly options: Readonly<Record<string, string>> },
): Promise<PairWiring> {
  const { serverEngine, clientEngine, scenario } = context;
  const serverParent = await context.parentInterface(serverEngine);
  const spec = (parent: string): NetworkSpec => ({
    driver: network.driver,
    options: { ...network.options, parent },
    ipv6: usesIpv6(scenario.options),
  });
  const on = (name: string, side?: Side): Hop => ({
    kind: 'parent',
    ...(side && { side }),
    driver: network.driver,
    name,
  });
  const clientHop: Hop = { kind: 'end', side: 'client', interface: 'eth0' };
  const serverHop: Hop = { kind: 'end', side: 'server', interface: 'eth0' };
  if (scenario.topology === 'same-host') {
    const only = await context.createNetwork(serverEngine, spec(serverParent));
    const server = await context.startContainer(serverEngine, {
      role: 'server',
      network: only.name,
      networkAliases: ['server'],
    });
    const client = await context.startContainer(clientEngine, { role: 'client', network: only.name });
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: addressOf(server, scenario.options),
      listenAddress: addressOf(server, scenario.options),
      serverName: 'server',
      networks: [only],
      path: [clientHop, on(serverParent), serverHop],
    };
  }
  const clientParent = await context.parentInterface(clientEngine);
  const subnet = await context.allocateSubnet();
  const [serverRange, clientRange] = halves(subnet);
  const serverNetwork = await context.createNetwork(serverEngine, {
    ...spec(serverParent),
    subnet,
    ipRange: serverRange,
  });
  const clientNetwork = await context.createNetwork(clientEngine, {
    ...spec(clientParent),
    subnet,
    ipRange: clientRange,
  });
  const server = await context.startContainer(serverEngine, { role: 'server', network: serverNetwork.name });
  const client = await context.startContainer(clientEngine, { role: 'client', network: clientNetwork.name });
  return {
    server: { type: 'container', container: server },
    client: { type: 'container', container: client },
    serverAddress: addressOf(server, scenario.options),
    listenAddress: addressOf(server, scenario.options),
    networks: [serverNetwork, clientNetwork],
    path: [
      clientHop,
      on(clientParent, 'client'),
      { kind: 'underlay' },
      on(serverParent, 'server'),
      serverHop,
    ],
  };
}
