import { Failure } from '../../results/failure.ts';
import { allEngines, type Site } from './site.ts';

/** Hands out /24 networks of 198.19.0.0/16, the upper half of RFC 2544's benchmark range, that no engine uses. */
export class SubnetPool {
  readonly #used: Set<string>;
  #next: number;

  private constructor(used: Set<string>, start: number) {
    this.#used = used;
    this.#next = start;
  }

  /** The pool of a run. Where it begins differs by run, so that runs side by side on one engine seldom meet. */
  static async of(site: Site): Promise<SubnetPool> {
    const used = new Set<string>();
    for (const { engine } of allEngines(site)) {
      for (const network of await engine.docker.listNetworks()) {
        for (const config of network.IPAM?.Config ?? []) if (config.Subnet) used.add(config.Subnet);
      }
    }
    const seed = Number.parseInt(site.runId.slice(-4), 36) || 0;
    return new SubnetPool(used, seed % 256);
  }

  take(): string {
    for (let tries = 0; tries < 256; tries++) {
      const subnet = `198.19.${this.#next}.0/24`;
      this.#next = (this.#next + 1) % 256;
      if (!this.#used.has(subnet)) {
        this.#used.add(subnet);
        return subnet;
      }
    }
    throw new Failure(
      'infrastructure',
      'no /24 of 198.19.0.0/16 is free on these engines',
      'Remove networks that earlier runs left: `tare clean`.',
    );
  }

  /** The same subnet may be used again, once its network is gone. */
  giveBack(subnet: string): void {
    this.#used.delete(subnet);
  }
}
