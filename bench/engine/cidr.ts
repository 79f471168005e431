import { isIPv4 } from 'node:net';

/** A range of IPv4 addresses: the first one as a number, and how many leading bits all share. */
export interface Cidr {
  readonly first: number;
  readonly prefix: number;
}

const sizeOf = (prefix: number) => 2 ** (32 - prefix);

/**
 * Reads `198.18.0.0/15`; an address within stands for its range, one without a prefix for itself.
 * @returns undefined where it is no range of IPv4 addresses
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits = '32', ...more] = text.split('/');
  if (more.length > 0 || !isIPv4(address) || !/^(\d|[12]\d|3[0-2])$/.test(bits)) return undefined;
  const prefix = Number(bits);
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first: number - (number % sizeOf(prefix)), prefix };
}

/** Whether two ranges share an address. */
export function overlap(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + sizeOf(b.prefix) && b.first < a.first + sizeOf(a.prefix);
}

/** `198.19.7.0/24`: the /24 of that number in a range. */
export function twentyFourOf(range: Cidr, index: number): string {
  const first = range.first + index * 256;
  const parts = [2 ** 24, 2 ** 16, 256, 1].map((unit) => Math.floor(first / unit) % 256);
  return `${parts.join('.')}/24`;
}

/** How many /24 there are in a range; 0 in a smaller one. */
export const twentyFours = ({ prefix }: Cidr): number => (prefix > 24 ? 0 : 2 ** (24 - prefix));
