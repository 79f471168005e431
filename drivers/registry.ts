import { type Topology, topologies } from '../results/scenario.ts';
import type { KnownNetwork, NetworkTraits } from '../results/traits.ts';
import { bare } from './bare.ts';
import { bridge } from './bridge.ts';
import { bridgeDefault } from './bridge-default.ts';
import { bridgeHairpin } from './bridge-hairpin.ts';
import { bridgeProxy } from './bridge-proxy.ts';
import { bridgePublished } from './bridge-published.ts';
import { container } from './container.ts';
import type { Driver } from './driver.ts';
import { existing } from './existing.ts';
import { host } from './host.ts';
import { ipvlanL2 } from './ipvlan-l2.ts';
import { ipvlanL3 } from './ipvlan-l3.ts';
import { macvlan } from './macvlan.ts';
import { overlay } from './overlay.ts';
import { overlayEncrypted } from './overlay-encrypted.ts';

/** Drivers to choose among. */
export interface DriverRegistry {
  /** In the order in which they are listed. */
  readonly drivers: readonly Driver[];
  readonly driverById: (id: string) => Driver | undefined;
  /** What the networks of a driver are and give on a topology; undefined where there is no such driver. */
  readonly traitsOn: (scenario: {
    readonly driver: string;
    readonly topology: Topology;
  }) => NetworkTraits | undefined;
  /** Every driver's network on every topology that it knows. */
  readonly networks: readonly KnownNetwork[];
}

export function registryOf(drivers: readonly Driver[]): DriverRegistry {
  const driverById = (id: string) => drivers.find((driver) => driver.id === id);
  const traitsAt = (driver: Driver, topology: Topology) => ({
    ...driver.traits,
    ...(topology === 'cross-host' ? driver.traitsAcrossHosts : {}),
  });
  return {
    drivers,
    driverById,
    traitsOn: ({ driver: id, topology }) => {
      const driver = driverById(id);
      return driver && traitsAt(driver, topology);
    },
    networks: topologies.flatMap((topology) =>
      drivers
        .filter((driver) => driver.topologies.includes(topology))
        .map((driver) => ({ topology, driver: driver.id, traits: traitsAt(driver, topology) })),
    ),
  };
}

/** Every driver. A new one is a file beside this and a line here. */
export const { drivers, driverById, traitsOn, networks } = registryOf([
  bare,
  host,
  container,
  bridgeDefault,
  bridge,
  bridgePublished,
  bridgeProxy,
  bridgeHairpin,
  macvlan,
  ipvlanL2,
  ipvlanL3,
  overlay,
  overlayEncrypted,
  existing,
]);
