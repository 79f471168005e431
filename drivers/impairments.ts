/**
 * Options that put a known hindrance in a pair's path, so that what it costs can be measured and a gate be shown to see
 * it. They go with every driver whose containers have a network namespace of their own.
 */
export interface Impairment {
  /** Key of the scenario option. */
  readonly option: string;
  readonly meaning: string;
  /** What a value must look like. */
  readonly pattern: RegExp;
  readonly example: string;
  /** Drivers that it can be put on. */
  readonly drivers: readonly string[];
  /** Changes the host's filter rules, so it is refused on engines that aren't Tare's own. */
  readonly touchesHost?: boolean;
  /** What both containers need for it: NET_ADMIN reaches no further than their own namespace. */
  readonly capabilities?: readonly string[];
}

const bridges = ['bridge', 'bridge-published', 'bridge-proxy'];
const namespaced = [
  ...bridges,
  'bridge-default',
  'macvlan',
  'ipvlan-l2',
  'ipvlan-l3',
  'overlay',
  'overlay-encrypted',
];

export const impairments: readonly Impairment[] = [
  {
    option: 'rules',
    meaning: 'filter rules that match nothing, in the forwarding path of the network',
    pattern: /^[1-9]\d{0,4}$/,
    example: 'rules=1000',
    drivers: bridges,
    touchesHost: true,
  },
  {
    option: 'without',
    meaning: 'offloads turned off on the containers’ interfaces: gro, gso, tso, joined by +',
    pattern: /^(gro|gso|tso)(\+(gro|gso|tso))*$/,
    example: 'without=gro+tso',
    drivers: namespaced,
    capabilities: ['NET_ADMIN'],
  },
  {
    option: 'rate',
    meaning: 'token bucket on the client’s interface, in bits per second (k, M, G)',
    pattern: /^[1-9]\d*(\.\d+)?[kMG]?$/,
    example: 'rate=5G',
    drivers: namespaced,
    capabilities: ['NET_ADMIN'],
  },
  {
    option: 'cpus',
    meaning: 'CPU quota of the server’s container, in cores',
    pattern: /^(0\.\d{1,2}|[1-9]\d?(\.\d{1,2})?)$/,
    example: 'cpus=0.5',
    drivers: [...namespaced, 'host', 'container'],
  },
];

/** The impairments that a driver can carry. */
export function impairmentsOf(driver: string): readonly Impairment[] {
  return impairments.filter((each) => each.drivers.includes(driver));
}
