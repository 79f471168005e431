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

/** The sentence about full packets that do not fit; undefined where they do, or where it is not between hosts. */
export function fragmentation(
  scenario: Pick<Scenario, 'id' | 'topology'>,
  encapsulation: Encapsulation | undefined,
  ownBytes: number | undefined,
  underlayBytes: number | undefined,
  isIpv6Underlay = false,
): string | undefined {
  if (scenario.topology !== 'cross-host' || !encapsulation) return undefined;
  const around = encapsulation.bytes + (isIpv6Underlay ? ipv6MoreBytes : 0);
  if (ownBytes === undefined || underlayBytes === undefined || ownBytes + around <= underlayBytes)
    return undefined;
  return `Full packets of ${scenario.id} are ${ownBytes} bytes and ${ownBytes + around} with what surrounds them, more than the underlay’s ${underlayBytes}: every full packet is fragmented, unless the kernel has the sender make it smaller.`;
}
