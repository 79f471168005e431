import type { Topology } from './scenario.ts';

/** What somebody may need of a network, with the words of the flag's help. */
export const needs = {
  'multi-host': 'links containers of several hosts',
  encrypted: 'is encrypted on the wire',
  'physical-identity': 'gives each container a MAC address of its own on the segment',
  'published-ports': 'is reached from outside at an address and port of the host',
  'name-resolution': 'resolves the names of the other containers',
  isolation: 'gives each container a network stack of its own',
  'without-swarm': 'works without a swarm',
} as const;
export type NeedId = keyof typeof needs;
export const needIds = Object.keys(needs) as NeedId[];

/** What a driver gives, as the scenario of that name is wired on each topology, and what one gives up with it. */
export interface DriverProperties {
  readonly driver: string;
  readonly gives: Readonly<Partial<Record<Topology, readonly NeedId[]>>>;
  readonly givesUp: readonly string[];
}

/**
 * Of every driver that can be advised; `bare` is none, it has no container. A driver gives `multi-host` wherever it has
 * a cross-host scenario, so that is not listed. What is said here is tried by the claims (bench/claims) or proven by the
 * witness of each trial.
 */
export const driverProperties: readonly DriverProperties[] = [
  {
    driver: 'host',
    gives: {
      'same-host': ['published-ports', 'without-swarm'],
      'cross-host': ['published-ports', 'without-swarm'],
    },
    givesUp: [
      'isolation: the container sees the host’s interfaces, and ports collide',
      'names',
      'encryption',
    ],
  },
  {
    driver: 'container',
    gives: { 'same-host': ['without-swarm'] },
    givesUp: [
      'isolation between the two: they share one stack and its ports',
      'anything but loopback between them',
    ],
  },
  {
    driver: 'bridge-default',
    gives: { 'same-host': ['isolation', 'without-swarm'] },
    givesUp: [
      'names',
      'separation: every container that names no network is on it',
      'encryption',
      'other hosts',
    ],
  },
  {
    driver: 'bridge',
    gives: { 'same-host': ['isolation', 'name-resolution', 'without-swarm'] },
    givesUp: ['other hosts, but by published ports', 'encryption'],
  },
  {
    driver: 'bridge-published',
    gives: {
      'same-host': ['isolation', 'published-ports', 'without-swarm'],
      'cross-host': ['isolation', 'published-ports', 'without-swarm'],
    },
    givesUp: [
      'the client’s address: behind a bridge of its own it is masked by its host’s',
      'one host port for each service',
      'names',
      'encryption',
    ],
  },
  {
    driver: 'bridge-proxy',
    gives: { 'same-host': ['isolation', 'published-ports', 'without-swarm'] },
    givesUp: [
      'the client’s address: the server sees the proxy',
      'a process of the host copies every byte',
      'names',
      'encryption',
    ],
  },
  {
    driver: 'macvlan',
    gives: {
      'same-host': ['isolation', 'physical-identity', 'name-resolution', 'without-swarm'],
      'cross-host': ['isolation', 'physical-identity', 'without-swarm'],
    },
    givesUp: [
      'portability: it names an interface of the host, and clouds and wireless segments filter its addresses',
      'its own host, which cannot reach it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  {
    driver: 'ipvlan-l2',
    gives: {
      'same-host': ['isolation', 'name-resolution', 'without-swarm'],
      'cross-host': ['isolation', 'without-swarm'],
    },
    givesUp: [
      'a MAC address of its own: all have the parent’s',
      'its own host, which cannot reach it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  {
    driver: 'ipvlan-l3',
    gives: {
      'same-host': ['isolation', 'name-resolution', 'without-swarm'],
      'cross-host': ['isolation', 'without-swarm'],
    },
    givesUp: [
      'broadcast and a place on the segment: others need a route to it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  {
    driver: 'overlay',
    gives: {
      'same-host': ['isolation', 'name-resolution'],
      'cross-host': ['isolation', 'name-resolution'],
    },
    givesUp: [
      'encryption: VXLAN carries everything in clear',
      '50 bytes of each packet between hosts, for its header',
      'independence of a swarm',
    ],
  },
  {
    driver: 'overlay-encrypted',
    gives: { 'cross-host': ['isolation', 'name-resolution', 'encrypted'] },
    givesUp: [
      'CPU time for AES-GCM',
      'more than 50 bytes of each packet, for its headers',
      'kernels without ESP',
      'independence of a swarm',
    ],
  },
];

/** Needs that many come with, for reports. */
export const readyNeeds: readonly { readonly title: string; readonly needs: readonly NeedId[] }[] = [
  { title: 'Containers of one host that call one another by name', needs: ['isolation', 'name-resolution'] },
  { title: 'A service that outsiders reach at a port of the host', needs: ['isolation', 'published-ports'] },
  { title: 'Containers of several hosts', needs: ['multi-host', 'isolation'] },
  { title: 'Containers of several hosts, by name', needs: ['multi-host', 'isolation', 'name-resolution'] },
  { title: 'Containers of several hosts, encrypted', needs: ['multi-host', 'encrypted'] },
  {
    title: 'A container that is a device of its own on the segment',
    needs: ['multi-host', 'physical-identity'],
  },
];
