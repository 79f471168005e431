import type { ScenarioOptions } from '../results/scenario.ts';
import type { Container } from './driver.ts';

/** What options may be where only some values make sense: a pattern, and an example for messages. */
export const optionValues: Readonly<
  Record<string, { readonly pattern: RegExp; readonly example: string } | undefined>
> = {
  // The kernel takes 88 (TCP_MIN_MSS) to 32,767 (MAX_TCP_WINDOW).
  mss: { pattern: /^(8[89]|9\d|[1-9]\d{2,3}|[12]\d{4})$/, example: 'mss=1410' },
  networks: { pattern: /^[2-8]$/, example: 'networks=2' },
};

/** The `mtu` option as the engine's bridge and overlay drivers take it. */
export function mtuOption(options: ScenarioOptions): Record<string, string> {
  return options.mtu === undefined ? {} : { 'com.docker.network.driver.mtu': options.mtu };
}

/**
 * The container's address in its network, of the family that the scenario asks for.
 * @throws Error where the engine gave it none
 */
export function addressOf(container: Container, options: ScenarioOptions): string {
  const address = options.ipv6 === 'true' ? container.address6 : container.address;
  if (!address) {
    throw new Error(
      `${container.name} has no ${options.ipv6 === 'true' ? 'IPv6' : 'IPv4'} address in its network`,
    );
  }
  return address;
}
