import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { parseCidr } from './cidr.ts';

const routesSchema = z.array(z.object({ dst: z.string() }));

/** What `ip` is asked for: every table, as tunnels and virtual networks often keep one of their own. */
export const routesCommand = ['ip', '-j', '-4', 'route', 'show', 'table', 'all'] as const;

/** Where a host has routes to, but for the default one, multicast and what is not IPv4. */
export function destinations(printed: string): string[] {
  const routes = routesSchema.safeParse(JSON.parse(printed || '[]'));
  if (!routes.success) return [];
  return routes.data
    .map(({ dst }) => dst)
    .filter((dst) => dst !== 'default' && (parseCidr(dst)?.prefix ?? 0) > 0);
}

/** Where this machine has routes to; none where it has no `ip` program. */
export async function ownDestinations(): Promise<string[]> {
  const [program, ...argv] = routesCommand;
  try {
    const { stdout } = await promisify(execFile)(program, argv, { timeout: 10_000, maxBuffer: 64 * 2 ** 20 });
    return destinations(stdout);
  } catch {
    return [];
  }
}
