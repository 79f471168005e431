import type { Topology } from '../results/scenario.ts';

/**
 * What is counted at one end of a pair:
 * - `own`: the container's interface in the pair's network
 * - `own-others`: its other interfaces, loopback left out
 * - `own-loopback`: loopback of the end's own network namespace (on `bare` and host networking the host's)
 * - `port`: the host's half of the container's veth pair
 * - `bridge`: the bridge device that this veth is a port of; counts what enters or leaves the host's IP stack there,
 *   not what the bridge switches between its ports
 * - `other-ports`: all other bridge ports of the host, added
 * - `parent`: the interface that a macvlan or ipvlan network stands on
 * - `underlay`: the host's interface towards the other engine
 * - `host-loopback`: loopback of the host
 * - `dnat`: packets that hit the engine's DNAT rules for the pair's ports: the first of each connection
 * - `proxy`: CPU seconds of the docker-proxy processes of the pair's ports
 * - `esp`: IPsec states between the two hosts
 */
export type CounterName =
  | 'own'
  | 'own-others'
  | 'own-loopback'
  | 'port'
  | 'bridge'
  | 'other-ports'
  | 'parent'
  | 'underlay'
  | 'host-loopback'
  | 'dnat'
  | 'proxy'
  | 'esp';

export type At = 'server' | 'client' | 'both';

/** What must be true of each trial, in the difference of a counter before and after it. */
export interface CounterExpectation {
  readonly type: 'counter';
  readonly counter: CounterName;
  readonly at: At;
  /**
   * `carry`: the trial's traffic went by here, each way. `stay-still`: it did not; a twentieth of it, or a little
   * traffic of others, is allowed. `rise`: by anything at all.
   */
  readonly must: 'carry' | 'stay-still' | 'rise';
  readonly topology?: Topology;
}

/** What the container's interface must be, read once per pair. */
export interface InterfaceExpectation {
  readonly type: 'interface';
  readonly at: At;
  readonly kind: 'veth' | 'macvlan' | 'ipvlan';
  readonly topology?: Topology;
}

/** What the capture of the canary must show, once per pair. */
export interface CaptureExpectation {
  readonly type: 'capture';
  readonly at: At;
  /** Which of the host's interfaces; `anywhere` is all of them, in the host's own namespace. */
  readonly on: 'underlay' | 'port' | 'parent' | 'host-loopback' | 'anywhere';
  /**
   * The canary in clear (in VXLAN or not) or nowhere; VXLAN packets of the pair's network, or none; ESP packets;
   * the container's own MAC address, or the parent's, as the sender of the canary.
   */
  readonly must:
    | 'show-canary'
    | 'hide-canary'
    | 'show-vxlan'
    | 'lack-vxlan'
    | 'show-esp'
    | 'show-own-mac'
    | 'show-parent-mac';
  readonly topology?: Topology;
}

/** One thing that must be true if packets took the path that a driver's name claims. */
export type Expectation = CounterExpectation | InterfaceExpectation | CaptureExpectation;

/** For drivers' files: `count('own', 'both', 'carry')`. */
export function count(
  counter: CounterName,
  at: At,
  must: CounterExpectation['must'],
  topology?: Topology,
): CounterExpectation {
  return { type: 'counter', counter, at, must, ...(topology ? { topology } : {}) };
}

export function attachedBy(kind: InterfaceExpectation['kind'], at: At = 'both'): InterfaceExpectation {
  return { type: 'interface', at, kind };
}

export function capture(
  on: CaptureExpectation['on'],
  at: At,
  must: CaptureExpectation['must'],
  topology?: Topology,
): CaptureExpectation {
  return { type: 'capture', on, at, must, ...(topology ? { topology } : {}) };
}
