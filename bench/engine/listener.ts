import { isIPv6 } from 'node:net';
import type { Executor } from './executor.ts';

/**
 * The command line of a small server that ends by itself: busybox's httpd, since its nc listens at every address that
 * the host has. To `GET /NAME` it answers with that name where the folder holds a folder so called.
 * @param folder what it shows of the file system; best an empty one
 */
export function listenerArgv(
  executor: Pick<Executor, 'inShell'>,
  place: { readonly address: string; readonly port: number; readonly folder: string },
  seconds: number,
): string[] {
  const { address, port, folder } = place;
  const at = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  return ['timeout', String(seconds), ...executor.inShell(['httpd', '-f', '-p', at, '-h', folder])];
}
