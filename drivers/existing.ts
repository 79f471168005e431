import type { Topology } from '../results/scenario.ts';
import type { Hop, Side } from '../results/schema.ts';
import { bridge } from './bridge.ts';
import type { Driver, ExistingNetwork, ProvisionContext } from './driver.ts';
import type { Expectation } from './expectation.ts';
import { acrossUnderlay, clientOnVeth, vethToServer } from './hops.ts';
import { ipvlanL2 } from './ipvlan-l2.ts';
import { ipvlanL3 } from './ipvlan-l3.ts';
import { macvlan } from './macvlan.ts';
import { addressOf } from './network-options.ts';
import { overlay } from './overlay.ts';
import { overlayEncrypted } from './overlay-encrypted.ts';

/** The engine's own drivers over whose networks a pair's path can be proven, by where its ends are. */
export const joinable: Readonly<Record<Topology, readonly string[]>> = {
  'same-host': ['bridge', 'macvlan', 'ipvlan', 'overlay'],
  'cross-host': ['macvlan', 'ipvlan', 'overlay'],
};

export const existing: Driver = {
  id: 'existing',
  topologies: ['same-host', 'cross-host'],
  onlyByName: true,
  joins: true,
  summary: 'a network that is there already: the pair is attached to it, and nothing else of it is touched',
  traits: {
    stack: 'own',
    givesUp: ['a segment of its own: whoever else is on the network is measured with it'],
  },
  impairable: ['cpus'],
  options: {
    network: {
      meaning: 'name of a bridge, macvlan, ipvlan or attachable overlay network of the engine',
      // What Docker takes as a name, but for what ends an option in a scenario's id.
      pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
      example: 'network=NAME',
    },
  },
  needs: (topology) => (topology === 'cross-host' ? ['second-engine'] : []),
  expectations: [],
  async provision(context) {
    const { serverEngine, clientEngine } = context;
    const network = await context.existingNetwork(serverEngine);
    // No alias: a name is the business of those whose network it is.
    const server = await context.startContainer(serverEngine, { role: 'server', network: network.name });
    const client = await context.startContainer(clientEngine, { role: 'client', network: network.name });
    const address = addressOf(server, {});
    return {
      server: { type: 'container', container: server },
      client: { type: 'container', container: client },
      serverAddress: address,
      listenAddress: address,
      networks:
        clientEngine.id === serverEngine.id
          ? [network]
          : [network, await context.existingNetwork(clientEngine)],
      path: await pathOver(network, context),
      expectations: expectationsOf(network),
      joined: {
        driver: network.driver,
        isInternal: network.isInternal,
        isEncrypted: network.isEncrypted,
        ...(network.parent !== undefined && { parent: network.parent }),
        others: network.others,
      },
    };
  },
};

/** Those of the driver that would have made such a network. */
function expectationsOf({ driver, ipvlanMode, isEncrypted }: ExistingNetwork): readonly Expectation[] {
  switch (driver) {
    case 'macvlan':
      return macvlan.expectations;
    case 'ipvlan':
      return (ipvlanMode === 'l3' ? ipvlanL3 : ipvlanL2).expectations;
    case 'overlay':
      return (isEncrypted ? overlayEncrypted : overlay).expectations;
    default:
      return bridge.expectations;
  }
}

async function pathOver(network: ExistingNetwork, context: ProvisionContext): Promise<readonly Hop[]> {
  const isAcross = context.scenario.topology === 'cross-host';
  const { driver, name, isEncrypted, parent = name } = network;
  if (driver === 'macvlan' || driver === 'ipvlan') {
    const on = (side?: Side): Hop => ({ kind: 'parent', ...(side && { side }), driver, name: parent });
    return [
      { kind: 'end', side: 'client', interface: 'eth0' },
      ...(isAcross ? [on('client'), { kind: 'underlay' } as const, on('server')] : [on()]),
      { kind: 'end', side: 'server', interface: 'eth0' },
    ];
  }
  if (driver === 'bridge') return [...clientOnVeth, { kind: 'bridge', name }, ...vethToServer];
  if (!isAcross) return [...clientOnVeth, { kind: 'overlay-bridge' }, ...vethToServer];
  const outwards = (side: Side): Hop[] => [
    { kind: 'overlay-bridge', side },
    { kind: 'vxlan', side },
    ...(isEncrypted ? [{ kind: 'esp', side } as const] : []),
  ];
  return [
    ...clientOnVeth,
    ...outwards('client'),
    ...(await acrossUnderlay(context)),
    ...outwards('server').reverse(),
    ...vethToServer,
  ];
}
