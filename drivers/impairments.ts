import type { DriverOption, ImpairmentOption } from './driver.ts';

/**
 * Options that put a known hindrance in a pair's path, so that what it costs can be measured and a gate be shown to see
 * it. Each driver says which can be put on it.
 */
export interface Impairment extends DriverOption {
  /** Key of the scenario option. */
  readonly option: ImpairmentOption;
  /** Changes the host's filter rules, so it is refused on engines that aren't Tare's own. */
  readonly touchesHost?: boolean;
  /** What both containers need for it: NET_ADMIN reaches no further than their own namespace. */
  readonly capabilities?: readonly string[];
}

export const impairments: readonly Impairment[] = [
  {
    option: 'rules',
    meaning: 'filter rules that match nothing, in the forwarding path of the network',
    pattern: /^[1-9]\d{0,4}$/,
    example: 'rules=1000',
    touchesHost: true,
  },
  {
    option: 'without',
    meaning: 'offloads turned off on the containers’ interfaces: gro, gso, tso, joined by +',
    pattern: /^(gro|gso|tso)(\+(gro|gso|tso))*$/,
    example: 'without=gro+tso',
    capabilities: ['NET_ADMIN'],
  },
  {
    option: 'rate',
    meaning: 'token bucket on the client’s interface, in bits per second (k, M, G)',
    pattern: /^[1-9]\d*(\.\d+)?[kMG]?$/,
    example: 'rate=5G',
    capabilities: ['NET_ADMIN'],
  },
  {
    option: 'cpus',
    meaning: 'CPU quota of the server’s container, in cores',
    pattern: /^(0\.\d{1,2}|[1-9]\d?(\.\d{1,2})?)$/,
    example: 'cpus=0.5',
  },
];

/** The impairments that a driver's pairs can carry. */
export function impairmentsOf({
  impairable,
}: {
  readonly impairable: readonly ImpairmentOption[];
}): readonly Impairment[] {
  return impairments.filter(({ option }) => impairable.includes(option));
}
