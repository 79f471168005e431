import type { Hop, Side } from './schema.ts';

/**
 * Turns what an older Tare wrote into today's shape, before the schema sees it. Here alone sentences are read back as
 * data: version 1 kept a path in words. What is of no shape that any version had is left as it is, for the schema to name.
 */

/** @param json a parsed run.json of any version */
export function migrateRun(json: unknown): unknown {
  if (!isObject(json) || json.schemaVersion !== 1) return json;
  const pairs = Array.isArray(json.pairs) ? json.pairs.map(migratePair) : json.pairs;
  return { ...json, schemaVersion: 2, pairs };
}

function migratePair(pair: unknown): unknown {
  if (!isObject(pair) || !Array.isArray(pair.path)) return pair;
  const words: unknown[] = pair.path;
  return words.every((word) => typeof word === 'string') ? { ...pair, path: migratePath(words) } : pair;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A path in words, hop by hop, as data; a hop that no driver of version 1 wrote stays in its words. */
export function migratePath(words: readonly string[]): Hop[] {
  const underlay = words.indexOf('underlay');
  const middle = underlay >= 0 ? underlay : (words.length - 1) / 2;
  // On one host a network's bridge joins both ends, unless the client comes by a published port.
  const isShared = underlay < 0 && !words.some((text) => text === 'DNAT' || text === 'docker-proxy');
  return words.map((text, index) => hopOf(text, index < middle ? 'client' : 'server', isShared));
}

/** Hops that version 1 wrote in the same words each time; those that lie on a side, on that which the path puts them. */
const fixed: Readonly<Record<string, (side: Side) => Hop>> = {
  client: () => ({ kind: 'end', side: 'client' }),
  server: () => ({ kind: 'end', side: 'server' }),
  'client process': () => ({ kind: 'end', side: 'client', place: 'process' }),
  'server process': () => ({ kind: 'end', side: 'server', place: 'process' }),
  'client (host namespace)': () => ({ kind: 'end', side: 'client', place: 'host-namespace' }),
  'client eth0': () => ({ kind: 'end', side: 'client', interface: 'eth0' }),
  'eth0 server': () => ({ kind: 'end', side: 'server', interface: 'eth0' }),
  veth: (side) => ({ kind: 'veth', side }),
  'bridge of the overlay': (side) => ({ kind: 'overlay-bridge', side }),
  'bridge of the overlay (one node: not encapsulated)': () => ({ kind: 'overlay-bridge' }),
  vxlan: (side) => ({ kind: 'vxlan', side }),
  'IPsec ESP': (side) => ({ kind: 'esp', side }),
  masquerade: () => ({ kind: 'masquerade', side: 'client' }),
  DNAT: () => ({ kind: 'dnat', side: 'server' }),
  'docker-proxy': () => ({ kind: 'docker-proxy', side: 'server' }),
  lo: () => ({ kind: 'loopback', namespace: 'host' }),
  'lo of the shared namespace': () => ({ kind: 'loopback', namespace: 'shared' }),
  underlay: () => ({ kind: 'underlay' }),
};

function hopOf(text: string, side: Side, isShared: boolean): Hop {
  if (Object.hasOwn(fixed, text)) return fixed[text]?.(side) ?? { kind: 'said', text };
  const bridge = /^bridge (\S+)$/.exec(text)?.[1];
  if (bridge) return { kind: 'bridge', ...(isShared ? {} : { side }), name: bridge };
  const parent = /^(macvlan|ipvlan) on (\S+?)(?: \((client|server)’s host\)(, routed)?)?$/.exec(text);
  if (parent?.[2]) {
    return {
      kind: 'parent',
      ...(parent[3] && { side: parent[3] as Side }),
      driver: parent[1] as 'macvlan' | 'ipvlan',
      name: parent[2],
      ...(parent[4] && { routed: true }),
    };
  }
  const host = /^(\S+) \((client|server)’s host\)$/.exec(text);
  if (host?.[1]) return { kind: 'host-interface', side: host[2] as Side, name: host[1] };
  return { kind: 'said', text };
}
