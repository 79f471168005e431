import { z } from 'zod';
import type { PairWiring } from '../../drivers/driver.ts';
import type { Executor } from '../engine/executor.ts';
import { interfacesSchema } from '../site/underlay.ts';

const wayOutSchema = z.tuple([
  z.array(z.object({ dev: z.string().optional() })),
  z.array(z.object({ ifname: z.string(), mtu: z.number().int().positive() })),
]);

/**
 * MTU of a pair's network in bytes: of the interface by which the client sends, and of the one at whose address the
 * server listens, the smaller one; undefined where neither end's `ip` tells.
 */
export async function effectiveMtu(
  client: Executor,
  server: Executor,
  wiring: Pick<PairWiring, 'serverAddress' | 'listenAddress'>,
): Promise<number | undefined> {
  const sizes = await Promise.all([
    mtuTowards(client, wiring.serverAddress),
    mtuAt(server, wiring.listenAddress),
  ]);
  const known = sizes.filter((size) => size !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

async function mtuTowards(client: Executor, address: string): Promise<number | undefined> {
  const script = 'echo [ && ip -j route get "$0" && echo , && ip -j link && echo ]';
  const read = wayOutSchema.safeParse(await jsonOf(client, ['sh', '-c', script, address]));
  if (!read.success) return undefined;
  const [[route], links] = read.data;
  return links.find(({ ifname }) => ifname === route?.dev)?.mtu;
}

async function mtuAt(server: Executor, address: string): Promise<number | undefined> {
  const links = interfacesSchema.safeParse(await jsonOf(server, ['ip', '-j', 'addr']));
  return links.data?.find(({ addr_info }) => addr_info.some(({ local }) => local === address))?.mtu;
}

/** What a program printed as JSON; undefined where it failed or printed something else. */
async function jsonOf(executor: Executor, argv: readonly string[]): Promise<unknown> {
  const { exitCode, stdout } = await executor.run(argv, { deadlineSeconds: 20 });
  if (exitCode !== 0) return undefined;
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
