import type { UnsupportedReason } from '../results/reasons.ts';
import type { Scenario, ScenarioOptions, Topology } from '../results/scenario.ts';
import type { Hop, Joined } from '../results/schema.ts';
import type { NetworkTraits } from '../results/traits.ts';
import type { Expectation } from './expectation.ts';

/** What a scenario may need of the kernel, the engine or the machine; each is probed, never guessed from names. */
export type Need =
  | 'veth'
  | 'bridge'
  | 'macvlan'
  | 'ipvlan'
  | 'vxlan'
  | 'esp'
  | 'swarm'
  /** A published port gets a DNAT rule; packets pass from one interface of the host to another. */
  | 'dnat'
  | 'forwarding'
  | 'default-bridge'
  | 'userland-proxy'
  | 'local-engine'
  | 'second-engine'
  /** IPv6 in the kernel; on the host's loopback; on this very machine's; on the network that joins the engines. */
  | 'ipv6'
  | 'ipv6-loopback'
  | 'local-ipv6'
  | 'ipv6-underlay';

/** What a driver knows of an engine; all that it does there it asks of the `ProvisionContext`. */
export interface EngineRef {
  /** The engine's own id (`docker info` → ID); two URLs with one id are one engine. */
  readonly id: string;
  /** Short name for people and records: `local`, `node-1`, or the URL's host. */
  readonly name: string;
  /**
   * `private`: started by Tare and its own to change (swarm, extra interfaces);
   * `lab`: a node of Tare's lab, likewise; `user`: someone's engine, on which only labelled objects are made.
   */
  readonly ownership: 'private' | 'lab' | 'user';
}

/** What a driver asks for when it makes a network; labels and cleaning up are not its business. */
export interface NetworkSpec {
  readonly driver: string;
  /** IPv4 subnet; one is allocated from 198.18.0.0/15 where absent. */
  readonly subnet?: string;
  readonly ipRange?: string;
  /** Also an IPv6 subnet, of 2001:2::/48. */
  readonly ipv6?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  /** Driver options (`--opt`). */
  readonly options?: Readonly<Record<string, string>>;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string | undefined;
}

/** A network that is not Tare's, as its engine tells of it. */
export interface ExistingNetwork extends Network {
  /** `bridge`, `macvlan`, `ipvlan`, `overlay`, or whatever else the engine has. */
  readonly driver: string;
  readonly isInternal: boolean;
  /** An overlay whose packets between hosts go through IPsec. */
  readonly isEncrypted: boolean;
  readonly ipvlanMode: 'l2' | 'l3';
  /** Interface of the host that it stands on, where it stands on one. */
  readonly parent: string | undefined;
  /** Containers of this engine that are on it. */
  readonly others: number;
}

export interface ContainerSpec {
  readonly role: 'server' | 'client';
  /** Tells further containers of one role apart. */
  readonly number?: number;
  /** A network's name, `host`, `bridge` (the default one), or `container:ID`. */
  readonly network: string;
  readonly networkAliases?: readonly string[];
  /**
   * Publish the ports of the pair's servers one-to-one at one address of the engine's host: where the other engine's host
   * reaches it, or where nobody else does.
   */
  readonly publish?: 'underlay' | 'loopback';
  /** Named capabilities; never `privileged`. */
  readonly capabilities?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly engine: EngineRef;
  /** Its address in its network; absent on `host` and `container:`. */
  readonly address: string | undefined;
  readonly address6: string | undefined;
}

/** What provisioning one scenario may do. Every object made through it is labelled and removed with the pair. */
export interface ProvisionContext {
  readonly scenario: Scenario;
  /** Engine of the server and of the client; the same one in `same-host`. */
  readonly serverEngine: EngineRef;
  readonly clientEngine: EngineRef;
  /** The engine that may create overlay networks: a manager of the swarm that both engines are in. */
  readonly swarmManager: EngineRef | undefined;
  /** A free /24 of 198.18.0.0/15, for networks that two engines must address alike. */
  allocateSubnet(): Promise<string>;
  createNetwork(engine: EngineRef, spec: NetworkSpec): Promise<Network>;
  startContainer(engine: EngineRef, spec: ContainerSpec): Promise<Container>;
  /** The network that the scenario's option `network` names, on one of its engines. */
  existingNetwork(engine: EngineRef): Promise<ExistingNetwork>;
  /** Puts a running container on a further network of its engine. */
  connect(container: Container, network: Network): Promise<void>;
  /** Address of the engine's host on the network that joins the two engines (same-host: a local, non-loopback one). */
  underlayAddress(engine: EngineRef, family?: 'IPv4' | 'IPv6'): Promise<string>;
  /** Interface that carries `underlayAddress`. */
  underlayInterface(engine: EngineRef): Promise<string>;
  /** An interface to stand macvlan/ipvlan on: the scenario's `parent` option, else a veth pair that is removed with the pair. */
  parentInterface(engine: EngineRef): Promise<string>;
  /**
   * Who takes what a container of the same host sends to a published port of this one: a process of the engine's, where
   * it runs a userland proxy, or its DNAT rule.
   */
  publishedBy(container: Container): Promise<'proxy' | 'rule'>;
  /** Adds a route on an engine's host, removed with the pair; refused on engines that aren't Tare's own. */
  addRoute(engine: EngineRef, subnet: string, via: string): Promise<void>;
}

/** One end of a pair: a container, or this machine itself (`bare`). */
export type End = { readonly type: 'container'; readonly container: Container } | { readonly type: 'bare' };

export interface PairWiring {
  readonly server: End;
  readonly client: End;
  /** Where the client reaches the server. */
  readonly serverAddress: string;
  /** Where the server must listen for that. */
  readonly listenAddress: string;
  /** Name of the server in the pair's network, where the network resolves names. */
  readonly serverName?: string;
  /** Networks made for this pair. */
  readonly networks: readonly Network[];
  /** What packets pass from client to server, both ends included. */
  readonly path: readonly Hop[];
  /** What must be true of this pair beside its driver's expectations, where that depends on its engines. */
  readonly expectations?: readonly Expectation[];
  /** The network that was there already, on which the pair stands. */
  readonly joined?: Joined;
}

/** Options that put a hindrance in a pair's path (impairments.ts). */
export type ImpairmentOption = 'rules' | 'without' | 'rate' | 'cpus';

/** What a scenario's option means, and what values it takes. */
export interface DriverOption {
  readonly meaning: string;
  readonly pattern: RegExp;
  /** Of how to write it, for messages. */
  readonly example: string;
}

/** How a pair is wired; one file each, which holds all that anybody decides by. */
export interface Driver {
  readonly id: string;
  readonly topologies: readonly Topology[];
  /** Measured only where a pattern names it: what few people use should not lengthen every run. */
  readonly onlyByName?: true;
  /** It makes no network, but joins the one that the option `network` names. */
  readonly joins?: true;
  readonly summary: string;
  /** What its networks are and give; copied into the run's plan, where reports find it. */
  readonly traits: NetworkTraits;
  /** Of them, what is otherwise across hosts. */
  readonly traitsAcrossHosts?: Partial<NetworkTraits>;
  /** Hindrances that can be put in its pairs' path. */
  readonly impairable: readonly ImpairmentOption[];
  /**
   * The engine's bridge that switches between its containers, where it is one that the engine's settings may forbid them
   * to talk over: the default one, or any that is made.
   */
  readonly switchedBy?: 'default-bridge' | 'new-bridge';
  /** Options that its scenarios take, by key, beside the hindrances. */
  readonly options: Readonly<Record<string, DriverOption>>;
  needs(topology: Topology, options: ScenarioOptions): readonly Need[];
  /** Why its options can't be had on a topology, whatever the kernel and the engine; absent where all can. */
  unable?(topology: Topology, options: ScenarioOptions): UnsupportedReason | undefined;
  /**
   * What its pairs occupy on a shared parent interface. The kernel lets one interface carry one such kind at a time
   * (macvlan, or ipvlan in one mode), so pairs of different kinds are never up together.
   */
  readonly parentKind?: string;
  /** Its packets between hosts go where the swarm sends its data, which may be another interface than the others'. */
  readonly overDataPath?: boolean;
  /** What must be true of each trial if its packets took the path that this driver is named after. */
  readonly expectations: readonly Expectation[];
  provision(context: ProvisionContext): Promise<PairWiring>;
}
