import type { CounterName } from '../../drivers/expectation.ts';

export type Side = 'server' | 'client';

const places: Readonly<Record<CounterName, (side: Side) => string>> = {
  own: (side) => `the ${side}’s interface in the pair’s network`,
  'own-others': (side) => `the ${side}’s other interfaces`,
  'own-loopback': (side) => `the loopback of the ${side}’s namespace`,
  port: (side) => `the host’s half of the ${side}’s veth pair`,
  bridge: (side) => `the IP stack of the ${side}’s host at the bridge`,
  'other-ports': (side) => `other bridge ports of the ${side}’s host`,
  parent: (side) => `the parent interface on the ${side}’s host`,
  underlay: (side) => `the underlay on the ${side}’s host`,
  'host-loopback': (side) => `the loopback of the ${side}’s host`,
  dnat: (side) => `the engine’s DNAT rules on the ${side}’s host`,
  proxy: (side) => `docker-proxy on the ${side}’s host`,
  esp: (side) => `IPsec on the ${side}’s host`,
};

/** What a counter counts, in words that fit into a sentence. */
export function placeOf(counter: CounterName, side: Side): string {
  return places[counter](side);
}

/** Whether that place is more than one thing, as a verb behind it needs to know. */
export const isSeveral = (counter: CounterName): boolean =>
  counter === 'own-others' || counter === 'other-ports';
