import type { ScenarioOptions } from '../results/scenario.ts';
import type { Container, Driver, DriverOption, Need } from './driver.ts';

/** For drivers' lists: an option that is named or left away. */
export const flag = (key: string, meaning: string): DriverOption => ({
  meaning,
  pattern: /^true$/,
  example: `${key}, without a value`,
});

/** The `mtu` option, for drivers' lists. */
export const mtuChoice: Driver['options'] = {
  mtu: {
    meaning: 'MTU of the network in bytes',
    // From the least that IPv4 takes (RFC 791) to what a veth takes with VXLAN and ESP around it.
    pattern: /^(6[89]|[7-9]\d|[1-9]\d{2,3}|[1-5]\d{4}|6[0-4]\d{3}|65000)$/,
    example: 'mtu=1400 (68 to 65000)',
  },
};

/**
 * The `mtu` option as the engine's bridge and overlay drivers take it, so that the network's own MTU is what was asked.
 * @param encapsulationBytes what the engine takes off the MTU that it is given
 */
export function mtuOption({ mtu }: ScenarioOptions, encapsulationBytes = 0): Record<string, string> {
  if (mtu === undefined) return {};
  return { 'com.docker.network.driver.mtu': String(Number(mtu) + encapsulationBytes) };
}

/** The `ipv6` option, for drivers' lists. */
export const ipv6Option: Driver['options'] = { ipv6: flag('ipv6', 'measure over IPv6') };

export const usesIpv6 = (options: ScenarioOptions): boolean => options.ipv6 === 'true';

/** What a network of the engine's needs for the `ipv6` option. */
export const ipv6Needs = (options: ScenarioOptions): readonly Need[] => (usesIpv6(options) ? ['ipv6'] : []);

/** The `unable` of a driver that is measured over IPv4 only. */
export function withoutIpv6(because: string): NonNullable<Driver['unable']> {
  return (_, options) => (usesIpv6(options) ? { code: 'ipv4-only', because } : undefined);
}

/**
 * The container's address in its network, of the family that the scenario asks for.
 * @throws Error where the engine gave it none
 */
export function addressOf(container: Container, options: ScenarioOptions): string {
  const address = usesIpv6(options) ? container.address6 : container.address;
  if (!address) {
    throw new Error(`${container.name} has no ${usesIpv6(options) ? 'IPv6' : 'IPv4'} address in its network`);
  }
  return address;
}
