import { setTimeout as delay } from 'node:timers/promises';
import type { TrialWarning } from '../../results/warnings.ts';
import type { TableFill, TableFills, WorkloadPair } from './workload.ts';

/** From this share of a table's limit on, a connection test waits for it to drain. */
const nearlyFull = 0.8;
const longestWaitSeconds = 20;
const pollSeconds = 2;

/** Reads fills from figures printed one after another, each under a line `==> name <==`; absent ones are left out. */
export function parseFills(text: string): readonly TableFill[] {
  const contents = new Map<string, string>();
  for (const part of text.split('==> ').slice(1)) {
    const [name, ...body] = part.split(' <==\n');
    if (name) contents.set(name, body.join('').trim());
  }
  const whole = (content: string | undefined) =>
    content && /^\d+$/.test(content) ? Number(content) : undefined;
  const timeWait = whole(/^TCP: .*\btw (\d+)\b/m.exec(contents.get('sockets') ?? '')?.[1]);
  const fills = [
    { table: 'TIME_WAIT', entries: timeWait, limit: whole(contents.get('timeWaitLimit')) },
    {
      table: 'connection tracking',
      entries: whole(contents.get('tracked')),
      limit: whole(contents.get('trackedLimit')),
    },
  ] as const;
  return fills.flatMap(({ table, entries, limit }) =>
    entries === undefined || !limit ? [] : [{ table, entries, limit }],
  );
}

/** The fullest table of all that are nearly full. */
function fullest(places: readonly TableFills[]): (TableFill & { readonly where: string }) | undefined {
  return places
    .flatMap(({ where, fills }) => fills.map((fill) => ({ ...fill, where })))
    .filter((fill) => fill.entries >= fill.limit * nearlyFull)
    .sort((a, b) => b.entries / b.limit - a.entries / a.limit)[0];
}

/**
 * Waits while a table that connections fill is nearly full at an end or on its host, for at most 20 s: the cool-down
 * after trials that left many behind.
 * @returns warnings: that it waited, or that it waited in vain
 */
export async function connectionHeadroom({
  tableFills,
}: Pick<WorkloadPair, 'tableFills'>): Promise<readonly TrialWarning[]> {
  if (!tableFills) return [];
  const first = fullest(await tableFills());
  if (!first) return [];
  const began = performance.now();
  const waitedSeconds = () => (performance.now() - began) / 1000;
  let full: TableFill | undefined = first;
  while (full && waitedSeconds() < longestWaitSeconds) {
    await delay(pollSeconds * 1000);
    full = fullest(await tableFills());
  }
  const { table, where, entries, limit } = first;
  return [
    {
      code: 'table-full',
      ...{ table, where, entries, limit },
      waitedSeconds: waitedSeconds(),
      ...(full && { stillEntries: full.entries }),
    },
  ];
}
