import type { Scenario } from './scenario.ts';

/** Bytes that VXLAN puts around a packet: outer IPv4, UDP, VXLAN and the inner Ethernet header. */
const vxlanBytes = 50;
/** Bytes by which an IPv6 header is longer than IPv4's. */
const ipv6MoreBytes = 20;
/** Bytes that Docker sets aside for ESP with AES-GCM: header, vector, padding and check value. */
const espBytes = 26;
/** An overlay's own MTU where nobody asked for another: Ethernet's 1500, less what Docker takes off. */
const shippedUnderlayBytes = 1500;

/** Bytes that an overlay puts around each packet between hosts, and takes off the MTU that it is given; else undefined. */
export function encapsulationBytes({ driver }: Pick<Scenario, 'driver'>): number | undefined {
  if (driver === 'overlay') return vxlanBytes;
  if (driver === 'overlay-encrypted') return vxlanBytes + espBytes;
  return undefined;
}

/**
 * What to give Docker as `com.docker.network.driver.mtu`, so that the network's own MTU is as wanted: from an overlay's it
 * takes the encapsulation off. An encrypted overlay's is then rounded down to a multiple of four.
 */
export function mtuToGive(scenario: Pick<Scenario, 'driver'>, ownBytes: number): number {
  return ownBytes + (encapsulationBytes(scenario) ?? 0);
}

/** An overlay's own MTU in bytes, as asked for or as Docker ships it; undefined for other networks. */
export function ownMtuBytes({ driver, options }: Pick<Scenario, 'driver' | 'options'>): number | undefined {
  const around = encapsulationBytes({ driver });
  if (around === undefined) return undefined;
  const own = options.mtu === undefined ? shippedUnderlayBytes - around : Number(options.mtu);
  return driver === 'overlay-encrypted' ? own - (own % 4) : own;
}

/** The sentence about full packets that do not fit; undefined where they do, or where it is not between hosts. */
export function fragmentation(
  scenario: Pick<Scenario, 'id' | 'driver' | 'topology'>,
  ownBytes: number | undefined,
  underlayBytes: number | undefined,
  isIpv6Underlay = false,
): string | undefined {
  const overIpv4 = encapsulationBytes(scenario);
  if (scenario.topology !== 'cross-host' || overIpv4 === undefined) return undefined;
  const around = overIpv4 + (isIpv6Underlay ? ipv6MoreBytes : 0);
  if (ownBytes === undefined || underlayBytes === undefined || ownBytes + around <= underlayBytes)
    return undefined;
  return `Full packets of ${scenario.id} are ${ownBytes} bytes and ${ownBytes + around} with what surrounds them, more than the underlay’s ${underlayBytes}: every full packet is fragmented, unless the kernel has the sender make it smaller.`;
}
