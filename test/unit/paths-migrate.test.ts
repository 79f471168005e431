import { describe, expect, it } from 'vitest';
import type { Network, ProvisionContext } from '../../drivers/driver.ts';
import { drivers } from '../../drivers/registry.ts';
import { hopWords } from '../../reports/hops.ts';
import { migratePath, migrateRun } from '../../results/migrate.ts';
import { scenarioId, type Topology } from '../../results/scenario.ts';
import { hopSchema, runSchema, schemaVersion } from '../../results/schema.ts';
import { run } from './results-builders.ts';

const across = ['ens1 (client’s host)', 'underlay', 'ens2 (server’s host)'];

/** What version 1 of the record said of each path, word for word. */
const wordsOfVersion1: Readonly<Record<string, readonly string[]>> = {
  'same-host/bare': ['client process', 'lo', 'server process'],
  'same-host/host': ['client', 'lo', 'server'],
  'cross-host/host': ['client', ...across, 'server'],
  'same-host/container': ['client', 'lo of the shared namespace', 'server'],
  'same-host/bridge-default': ['client eth0', 'veth', 'bridge docker0', 'veth', 'eth0 server'],
  'same-host/bridge': ['client eth0', 'veth', 'bridge net-1', 'veth', 'eth0 server'],
  'same-host/bridge-published': ['client (host namespace)', 'DNAT', 'bridge net-1', 'veth', 'eth0 server'],
  'cross-host/bridge-published': [
    ...['client eth0', 'veth', 'bridge net-2', 'masquerade', ...across],
    ...['DNAT', 'bridge net-1', 'veth', 'eth0 server'],
  ],
  'same-host/bridge-proxy': [
    ...['client (host namespace)', 'lo', 'docker-proxy', 'bridge net-1', 'veth', 'eth0 server'],
  ],
  'same-host/macvlan': ['client eth0', 'macvlan on par2', 'eth0 server'],
  'cross-host/macvlan': [
    ...['client eth0', 'macvlan on par1 (client’s host)', 'underlay'],
    ...['macvlan on par2 (server’s host)', 'eth0 server'],
  ],
  'same-host/ipvlan-l2': ['client eth0', 'ipvlan on par2', 'eth0 server'],
  'cross-host/ipvlan-l2': [
    ...['client eth0', 'ipvlan on par1 (client’s host)', 'underlay'],
    ...['ipvlan on par2 (server’s host)', 'eth0 server'],
  ],
  'same-host/ipvlan-l3': ['client eth0', 'ipvlan on par2', 'eth0 server'],
  'cross-host/ipvlan-l3': [
    ...['client eth0', 'ipvlan on par1 (client’s host), routed', 'underlay'],
    ...['ipvlan on par2 (server’s host)', 'eth0 server'],
  ],
  'same-host/overlay': [
    ...['client eth0', 'veth', 'bridge of the overlay (one node: not encapsulated)', 'veth', 'eth0 server'],
  ],
  'cross-host/overlay': [
    ...['client eth0', 'veth', 'bridge of the overlay', 'vxlan', ...across],
    ...['vxlan', 'bridge of the overlay', 'veth', 'eth0 server'],
  ],
  'cross-host/overlay-encrypted': [
    ...['client eth0', 'veth', 'bridge of the overlay', 'vxlan', 'IPsec ESP', ...across],
    ...['IPsec ESP', 'vxlan', 'bridge of the overlay', 'veth', 'eth0 server'],
  ],
};

/** Gives every driver what it asks for, by names that tell the sides apart. */
function contextOf(topology: Topology, driver: string): ProvisionContext {
  const engine = (id: string) => ({ id, name: id, ownership: 'lab' as const });
  const [server, client] = topology === 'same-host' ? [engine('2'), engine('2')] : [engine('2'), engine('1')];
  let networks = 0;
  return {
    scenario: { id: scenarioId(topology, driver), topology, driver, options: {} },
    serverEngine: server,
    clientEngine: client,
    swarmManager: server,
    allocateSubnet: async () => '198.18.0.0/24',
    createNetwork: async (): Promise<Network> => {
      networks += 1;
      return { id: `${networks}`, name: `net-${networks}`, subnet: '198.18.0.0/24', gateway: undefined };
    },
    startContainer: async (on, { role }) => ({
      ...{ id: role, name: role, engine: on },
      ...{ address: '198.18.0.2', address6: undefined },
    }),
    connect: async () => undefined,
    underlayAddress: async () => '192.0.2.1',
    underlayInterface: async ({ id }) => `ens${id}`,
    parentInterface: async ({ id }) => `par${id}`,
    existingNetwork: async () => ({
      ...{ id: '9', name: 'theirs', subnet: '10.0.0.0/24', gateway: undefined, driver: 'bridge', others: 0 },
      ...{ isInternal: false, isEncrypted: false, ipvlanMode: 'l2', parent: undefined },
    }),
    publishedBy: async () => 'rule',
    addRoute: async () => undefined,
  };
}

const wired = drivers.flatMap(({ id, topologies, provision }) =>
  topologies.map((topology) => ({
    scenario: scenarioId(topology, id),
    path: async () => (await provision(contextOf(topology, id))).path,
  })),
);

describe('the path of', () => {
  it.each(wired)('$scenario is given as data, and its words are those of version 1', async (each) => {
    const path = await each.path();
    for (const hop of path) expect(hopSchema.parse(hop)).toEqual(hop);
    const words = wordsOfVersion1[each.scenario];
    // A driver that version 1 had not has no words to keep.
    if (words) expect(path.map(hopWords)).toEqual(words);
  });

  it.each(wired)('$scenario is read from a record of version 1 as its driver gives it', async (each) => {
    const words = wordsOfVersion1[each.scenario];
    if (words) expect(migratePath(words)).toEqual(await each.path());
  });

  it('a record of version 1 stays in its words where nobody can read them', () => {
    const words = ['client', 'a tunnel of a made-up driver', 'toString', 'bridge', 'underlay', 'server'];
    expect(migratePath(words).map(hopWords)).toEqual(words);
    expect(migratePath(words)[1]).toEqual({ kind: 'said', text: words[1] });
  });

  it('no hop of another shape is passed on', () => {
    expect(hopSchema.safeParse({ kind: 'veth', side: 'middle' }).success).toBe(false);
    expect(hopSchema.safeParse('veth').success).toBe(false);
  });
});

describe('run.json of version 1', () => {
  const old = {
    ...run(),
    schemaVersion: 1,
    pairs: [{ scenario: 'same-host/host', serverAddress: '127.0.0.1', path: ['client', 'lo', 'server'] }],
  };

  it('is read as one of today’s version', () => {
    const read = runSchema.parse(migrateRun(old));
    expect(read.schemaVersion).toBe(schemaVersion);
    expect(read.pairs[0]?.path.map(hopWords)).toEqual(['client', 'lo', 'server']);
  });

  it('with anything else in it is left for the schema to refuse', () => {
    for (const pairs of [
      undefined,
      'none',
      [7],
      [{ path: 'a' }],
      [{ ...old.pairs[0], path: ['client', 7] }],
    ]) {
      expect(runSchema.safeParse(migrateRun({ ...old, pairs })).success).toBe(false);
    }
    for (const json of [null, [], 'run', { schemaVersion: schemaVersion + 1 }])
      expect(migrateRun(json)).toEqual(json);
  });
});
