import type { Scenario, ScenarioOptions } from './scenario.ts';
import type { Encapsulation } from './traits.ts';

/** Bytes by which an IPv6 header is longer than IPv4's. */
const ipv6MoreBytes = 20;
/** An overlay's own MTU where nobody asked for another: Ethernet's 1500, less what Docker takes off. */
const shippedUnderlayBytes = 1500;

/** An encapsulating network's own MTU in bytes, as asked for or as Docker ships it. */
export function ownMtuBytes({ bytes, mtuMultipleOf = 1 }: Encapsulation, { mtu }: ScenarioOptions): number {
  const own = mtu === undefined ? shippedUnderlayBytes - bytes : Number(mtu);
  return own - (own % mtuMultipleOf);
}

/** How large full packets are, in bytes: by themselves and with what surrounds them; and what the underlay takes. */
export interface Oversize {
  readonly ownBytes: number;
  readonly fullBytes: number;
  readonly underlayBytes: number;
}

/** Full packets that do not fit; undefined where they do, or where it is not between hosts. */
export function oversizeOf(
  scenario: Pick<Scenario, 'topology'>,
  encapsulation: Encapsulation | undefined,
  ownBytes: number | undefined,
  underlayBytes: number | undefined,
  isIpv6Underlay = false,
): Oversize | undefined {
  if (scenario.topology !== 'cross-host' || !encapsulation) return undefined;
  const around = encapsulation.bytes + (isIpv6Underlay ? ipv6MoreBytes : 0);
  if (ownBytes === undefined || underlayBytes === undefined || ownBytes + around <= underlayBytes)
    return undefined;
  return { ownBytes, fullBytes: ownBytes + around, underlayBytes };
}
