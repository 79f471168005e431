import type { NetworkTraits } from './traits.ts';

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

/** Whether a network of these traits gives what is needed; `multi-host` is a matter of the topology that it stands on. */
export const gives: Readonly<Record<Exclude<NeedId, 'multi-host'>, (traits: NetworkTraits) => boolean>> = {
  encrypted: ({ encrypts }) => encrypts === true,
  'physical-identity': ({ ownMac }) => ownMac === true,
  'published-ports': ({ stack, publishes }) => stack === 'host' || publishes !== undefined,
  'name-resolution': ({ naming }) => naming === true,
  isolation: ({ stack }) => stack === 'own',
  'without-swarm': ({ swarm }) => swarm !== true,
};

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
