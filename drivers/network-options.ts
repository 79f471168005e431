import type { ScenarioOptions } from '../results/scenario.ts';
import type { Container, Driver, Need } from './driver.ts';

/** What values an option takes, and an example for messages. */
interface OptionValues {
  readonly pattern: RegExp;
  readonly example: string;
}

/** An option that is named or left away. */
const flag = (key: string): OptionValues => ({ pattern: /^true$/, example: `${key}, without a value` });

/** What each option of a driver may be: one that is not here is taken by no driver. */
export const optionValues: Readonly<Record<string, OptionValues | undefined>> = {
  ipv6: flag('ipv6'),
  internal: flag('internal'),
  // From the least that IPv4 takes (RFC 791) to what a veth takes with VXLAN and ESP around it.
  mtu: {
    pattern: /^(6[89]|[7-9]\d|[1-9]\d{2,3}|[1-5]\d{4}|6[0-4]\d{3}|65000)$/,
    example: 'mtu=1400 (68 to 65000)',
  },
  // The kernel takes 88 (TCP_MIN_MSS) to 32,767 (MAX_TCP_WINDOW).
  mss: { pattern: /^(8[89]|9\d|[1-9]\d{2,3}|[12]\d{4})$/, example: 'mss=1410' },
  networks: { pattern: /^[2-8]$/, example: 'networks=2' },
  // What the kernel takes as an interface's name, and no more than names are made of.
  parent: { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, example: 'parent=eth1' },
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
export const ipv6Option: Driver['options'] = { ipv6: 'measure over IPv6' };

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
