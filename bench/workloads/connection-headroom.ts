import { setTimeout as delay } from 'node:timers/promises';
import type { Executor } from '../engine/executor.ts';

/** From this share of a table's limit on, a connection test waits for it to drain. */
const nearlyFull = 0.8;
const longestWaitSeconds = 20;
const pollSeconds = 2;

/** Entries of one kernel table and the most that it takes, as seen from one end's network namespace. */
export interface TableFill {
  readonly table: 'TIME_WAIT' | 'connection tracking';
  readonly entries: number;
  readonly limit: number;
}

const files = {
  sockets: '/proc/net/sockstat',
  timeWaitLimit: '/proc/sys/net/ipv4/tcp_max_tw_buckets',
  tracked: '/proc/sys/net/netfilter/nf_conntrack_count',
  trackedLimit: '/proc/sys/net/netfilter/nf_conntrack_max',
};

/** Reads the fills from the files' contents, in the order of `files`, as `head -n 100` prints them. */
export function parseFills(text: string): readonly TableFill[] {
  const contents = new Map<string, string>();
  for (const part of text.split('==> ').slice(1)) {
    const [name, ...body] = part.split(' <==\n');
    if (name) contents.set(name, body.join('').trim());
  }
  const whole = (content: string | undefined) =>
    content && /^\d+$/.test(content) ? Number(content) : undefined;
  const timeWait = whole(/^TCP: .*\btw (\d+)\b/m.exec(contents.get(files.sockets) ?? '')?.[1]);
  const fills = [
    { table: 'TIME_WAIT', entries: timeWait, limit: whole(contents.get(files.timeWaitLimit)) },
    {
      table: 'connection tracking',
      entries: whole(contents.get(files.tracked)),
      limit: whole(contents.get(files.trackedLimit)),
    },
  ] as const;
  return fills.flatMap(({ table, entries, limit }) =>
    entries === undefined || !limit ? [] : [{ table, entries, limit }],
  );
}

async function readFills(end: Executor): Promise<readonly TableFill[]> {
  // A kernel without connection tracking has no such files; head then complains and prints the others.
  const result = await end.run(['head', '-n', '100', ...Object.values(files)], { deadlineSeconds: 5 });
  return parseFills(result.stdout);
}

const isFull = (fill: TableFill) => fill.entries >= fill.limit * nearlyFull;

/**
 * Waits while a table that connections fill is nearly full, for at most 20 s.
 * @returns warnings: that it waited, or that it waited in vain
 */
export async function connectionHeadroom(end: Executor): Promise<readonly string[]> {
  const first = (await readFills(end)).find(isFull);
  if (!first) return [];
  const began = performance.now();
  const waitedSeconds = () => (performance.now() - began) / 1000;
  let full: TableFill | undefined = first;
  while (full && waitedSeconds() < longestWaitSeconds) {
    await delay(pollSeconds * 1000);
    full = (await readFills(end)).find(isFull);
  }
  const filled = `The ${first.table} table of ${end.where} held ${first.entries} of ${first.limit} entries`;
  const waited = waitedSeconds().toFixed(0);
  if (!full) return [`${filled}: the trial waited ${waited} s.`];
  return [`${filled}, and still ${full.entries} after ${waited} s: connections may have been refused.`];
}
