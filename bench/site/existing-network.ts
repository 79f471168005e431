import { z } from 'zod';
import type { ExistingNetwork } from '../../drivers/driver.ts';
import { joinable } from '../../drivers/existing.ts';
import type { UnsupportedReason } from '../../results/reasons.ts';
import type { Topology } from '../../results/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import { tareLabel } from '../engine/labels.ts';

/** A network of an engine's that Tare did not make, as far as that decides whether a pair can stand on it. */
export interface NetworkThere extends ExistingNetwork {
  readonly isAttachable: boolean;
  /** What the swarm made for its own ports: nothing is attached to it by hand. */
  readonly isIngress: boolean;
  /** Whether its containers may talk to one another. */
  readonly icc: boolean;
  /** IPv4 addresses that are left to give out; undefined where the engine does not say of what. */
  readonly freeAddresses: number | undefined;
}

const text = z.string().max(300);
const inspectedSchema = z.object({
  Id: text,
  Name: text,
  Driver: text,
  Scope: text.nullish(),
  Internal: z.boolean().nullish(),
  Attachable: z.boolean().nullish(),
  Ingress: z.boolean().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
  IPAM: z
    .object({
      Config: z
        .array(
          z.object({
            Subnet: text.nullish(),
            IPRange: text.nullish(),
            Gateway: text.nullish(),
            AuxiliaryAddresses: z.record(z.string(), z.string()).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
  Containers: z.record(z.string(), z.unknown()).nullish(),
});

/** What `docker network inspect` gives of one network; undefined where it is not one, or Tare's own. Pure. */
export function networkThere(inspected: unknown): NetworkThere | undefined {
  const { success, data } = inspectedSchema.safeParse(inspected);
  if (!success || data.Labels?.[tareLabel] !== undefined) return undefined;
  const { Driver: driver, Options: options } = data;
  const pool = data.IPAM?.Config?.find(({ Subnet: subnet }) => subnet && !subnet.includes(':'));
  const others = Object.keys(data.Containers ?? {}).length;
  const size = addressesOf(pool?.IPRange || pool?.Subnet);
  // One is the gateway's, whether or not the engine names it; a swarm’s network has a load balancer on each node.
  const taken = others + (data.Scope === 'swarm' ? 2 : 1);
  const auxiliary = Object.keys(pool?.AuxiliaryAddresses ?? {}).length;
  return {
    id: data.Id,
    name: data.Name,
    driver,
    subnet: pool?.Subnet || '',
    gateway: pool?.Gateway || undefined,
    isInternal: data.Internal === true,
    isEncrypted: options?.encrypted !== undefined && options.encrypted !== 'false',
    ipvlanMode: options?.ipvlan_mode === 'l3' ? 'l3' : 'l2',
    parent: options?.parent || undefined,
    others,
    isAttachable: data.Scope !== 'swarm' || data.Attachable === true,
    isIngress: data.Ingress === true,
    icc: options?.['com.docker.network.bridge.enable_icc'] !== 'false',
    freeAddresses: size === undefined ? undefined : Math.max(0, size - taken - auxiliary),
  };
}

/** IPv4 addresses of a range that can be given out: all but the first and the last. */
function addressesOf(cidr: string | null | undefined): number | undefined {
  const length = Number(/\/(\d{1,2})$/.exec(cidr ?? '')?.[1]);
  return length <= 32 ? Math.max(0, 2 ** (32 - length) - 2) : undefined;
}

/** Those of an engine's networks that go by these names and are not Tare's. Only reads. */
export async function networksThere(engine: Engine, names: readonly string[]): Promise<NetworkThere[]> {
  const inspected = await Promise.all(
    // One that can't be looked at is not there to be joined.
    names.map((name) =>
      engine.docker
        .getNetwork(name)
        .inspect()
        .catch(() => undefined),
    ),
  );
  return inspected.flatMap((each) => networkThere(each) ?? []);
}

/** Why a pair can't stand on that network of an engine; undefined where it can. Pure. */
export function whyNotOn(
  name: string,
  topology: Topology,
  engine: { readonly name: string; readonly networks: readonly NetworkThere[] },
): UnsupportedReason | undefined {
  const base = { engine: engine.name, network: name };
  const network = engine.networks.find((each) => each.name === name || each.id === name);
  if (!network) return { code: 'no-network', ...base };
  const { driver } = network;
  if (!joinable['same-host'].includes(driver)) return { code: 'network-unknown', ...base, driver };
  if (!joinable[topology].includes(driver)) return { code: 'network-of-one-host', ...base, driver };
  if (network.isIngress || !network.isAttachable) return { code: 'not-attachable', ...base };
  if (!network.icc) return { code: 'icc-off', engine: engine.name, bridge: 'existing' };
  const wanted = topology === 'same-host' ? 2 : 1;
  const { freeAddresses: free } = network;
  if (free !== undefined && free < wanted) return { code: 'network-full', ...base, free, wanted };
  return undefined;
}
