import { randomBytes } from 'node:crypto';
import type { NetworkSpec } from '../../drivers/driver.ts';
import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { wordsOfEngine } from '../engine/engine-fault.ts';
import { removeNetwork } from '../engine/remove.ts';
import type { SubnetPool } from '../site/subnets.ts';
import type { CleanUp } from './clean-up.ts';

/** A network that was made, and how it was asked for. */
export interface MadeNetwork {
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
  readonly spec: NetworkSpec;
  readonly engine: Engine;
}

export interface NetworksOptions {
  readonly pool: SubnetPool;
  readonly cleanUp: CleanUp;
  /** With what their names begin. */
  readonly prefix: string;
  readonly labels: Record<string, string>;
}

/** Subnets that are tried, where one after the other overlaps with what Tare can't see. */
const mostTries = 17;

/** Makes networks, all in one way, and has each removed and its subnet given back by the clean-up. */
export class Networks {
  readonly #options: NetworksOptions;
  readonly #made = new Map<string, MadeNetwork>();

  constructor(options: NetworksOptions) {
    this.#options = options;
  }

  /** A free /24, given back behind all that the clean-up removes. */
  allocateSubnet(): string {
    const { pool, cleanUp } = this.#options;
    const subnet = pool.take();
    cleanUp.addLast(async () => pool.giveBack(subnet));
    return subnet;
  }

  /** @throws Failure `infrastructure` where the engine makes none; what it may have made nonetheless is cleaned up */
  async make(engine: Engine, spec: NetworkSpec): Promise<MadeNetwork> {
    const { cleanUp, prefix, labels } = this.#options;
    const name = `${prefix}-${randomBytes(3).toString('hex')}`;
    // By its name until its id is known: an answer that is lost leaves a network of which nobody heard.
    let removable = name;
    cleanUp.add(() => removeNetwork(engine, removable));
    for (let tries = 1; ; tries++) {
      const subnet = spec.subnet ?? this.allocateSubnet();
      try {
        const { id } = await engine.docker.createNetwork({
          Name: name,
          Driver: spec.driver,
          CheckDuplicate: true,
          Internal: spec.internal ?? false,
          Attachable: spec.attachable ?? false,
          EnableIPv6: spec.ipv6 ?? false,
          Labels: labels,
          Options: { ...spec.options },
          IPAM: { Driver: 'default', Config: ipamConfig(subnet, spec) },
        });
        removable = id;
        const made = { id, name, subnet, spec, engine };
        this.#made.set(name, made);
        return made;
      } catch (error) {
        // Networks that Tare can't list (another daemon's pool, a swarm's) may hold a subnet that looked free.
        const overlaps = /overlap|already (exists|in use)/i.test((error as Error).message);
        if (!overlaps || spec.subnet || tries >= mostTries) throw networkFailure(error, spec, engine);
      }
    }
  }

  /** The network of that name, where it was made here. */
  named(name: string): MadeNetwork | undefined {
    return this.#made.get(name);
  }
}

function ipamConfig(subnet: string, spec: NetworkSpec) {
  const four = { Subnet: subnet, ...(spec.ipRange ? { IPRange: spec.ipRange } : {}) };
  if (!spec.ipv6) return [four];
  // RFC 5180 sets 2001:2::/48 aside for benchmarks; the middle bytes of the IPv4 subnet keep networks apart.
  const [, second, third] = subnet.split('.').map(Number) as [number, number, number];
  const prefix = `2001:2:0:${(second * 256 + third).toString(16)}`;
  // Two engines that share a subnet address a part of it each, in IPv6 as in IPv4; a half of a /64 overflows Docker's
  // bookkeeping ("invalid bit range").
  const part = spec.ipRange && `${prefix}::${spec.ipRange.endsWith('.128/25') ? 2 : 1}:0/112`;
  return [four, { Subnet: `${prefix}::/64`, ...(part ? { IPRange: part } : {}) }];
}

function networkFailure(error: unknown, spec: NetworkSpec, engine: Engine): Failure {
  const text = wordsOfEngine(error);
  const known =
    error instanceof Failure ? error.remedy : 'The engine’s log says more (`journalctl -u docker`).';
  const remedy = /overlap|pool|address space/i.test(text)
    ? 'Free some address space: `tare clean` removes what earlier runs left.'
    : known;
  return new Failure('infrastructure', `${engine.name} made no ${spec.driver} network: ${text}`, remedy, {
    cause: error,
  });
}
