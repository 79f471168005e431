import { bare } from './bare.ts';
import { bridge } from './bridge.ts';
import { bridgeDefault } from './bridge-default.ts';
import { bridgeProxy } from './bridge-proxy.ts';
import { bridgePublished } from './bridge-published.ts';
import { container } from './container.ts';
import type { Driver } from './driver.ts';
import { host } from './host.ts';
import { ipvlanL2 } from './ipvlan-l2.ts';
import { ipvlanL3 } from './ipvlan-l3.ts';
import { macvlan } from './macvlan.ts';
import { overlay } from './overlay.ts';
import { overlayEncrypted } from './overlay-encrypted.ts';

/** Every driver, in the order in which they are listed. A new driver is a file here and a line there. */
export const drivers: readonly Driver[] = [
  bare,
  host,
  container,
  bridgeDefault,
  bridge,
  bridgePublished,
  bridgeProxy,
  macvlan,
  ipvlanL2,
  ipvlanL3,
  overlay,
  overlayEncrypted,
];

export function driverById(id: string): Driver | undefined {
  return drivers.find((driver) => driver.id === id);
}
