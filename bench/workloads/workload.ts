import type { CountedUnit } from '../../results/counted-figures.ts';
import type { TrialReason } from '../../results/reasons.ts';
import type { Scenario, ScenarioOptions } from '../../results/scenario.ts';
import type { Histogram, Metric, Timeline } from '../../results/schema.ts';
import type { NetworkTraits, WorkloadTraits } from '../../results/traits.ts';
import type { TrialWarning } from '../../results/warnings.ts';
import type { Executor } from '../engine/executor.ts';
import type { WatchedCall } from '../machine/guest-survey.ts';

/** Names of the port slots that every pair reserves on its server; the same number inside and outside. */
export const portSlots = [
  'iperf3',
  'netperf',
  'netperf-data',
  'sockperf',
  'http',
  'irtt',
  'iperf3-b',
  'spare',
] as const;
export type PortSlot = (typeof portSlots)[number];

/** What goes over each slot's port. */
export const protocolsOf: Readonly<Record<PortSlot, readonly ('tcp' | 'udp')[]>> = {
  iperf3: ['tcp', 'udp'],
  netperf: ['tcp'],
  'netperf-data': ['tcp', 'udp'],
  sockperf: ['udp'],
  http: ['tcp'],
  irtt: ['udp'],
  'iperf3-b': ['tcp', 'udp'],
  spare: ['tcp'],
};

/** Entries of one kernel table and the most that it takes, as seen from one end's network namespace. */
export interface TableFill {
  readonly table: 'TIME_WAIT' | 'connection tracking';
  readonly entries: number;
  readonly limit: number;
}

/** The fills of one end's or host's tables. */
export interface TableFills {
  readonly where: string;
  readonly fills: readonly TableFill[];
}

/** What a workload sees of a provisioned pair. */
export interface WorkloadPair {
  readonly scenario: Scenario;
  readonly server: Executor;
  readonly client: Executor;
  /** The address at which the client reaches the server (IPv4 or IPv6 literal). */
  readonly serverAddress: string;
  /** The address on which the server must listen to be reached there. */
  readonly listenAddress: string;
  readonly ports: Readonly<Record<PortSlot, number>>;
  /** How full the connection tables of both ends and their hosts are; absent where nothing can be read. */
  readonly tableFills?: () => Promise<readonly TableFills[]>;
  /** A name that the server carries in the pair's network, where the network resolves names. */
  readonly serverName?: string;
  /** So many further pairs on the same network, made when first asked for; absent where there are no containers. */
  readonly companions?: ((count: number) => Promise<readonly WorkloadPair[]>) | undefined;
  /** Absent where there is no container, and so nothing for an engine to do. */
  readonly controlPlane?: ControlPlane;
}

/** What the command line of a server depends on. */
export type ServerPlace = Pick<WorkloadPair, 'serverAddress' | 'listenAddress' | 'ports'>;

/** The engine's side of a pair's network, for timing its operations on twins that are thrown away. */
export interface ControlPlane {
  /** Whether the pair has a network that a twin can be made of. */
  readonly hasNetwork: boolean;
  /** Whether the pair's client can be attached to such a twin: one in another's or the host's namespace can't. */
  readonly canAttach: boolean;
  /** Makes another network like the pair's own, and gives the name by which the other calls know it. */
  createNetwork(): Promise<string>;
  /** Attaches the pair's client to such a network. */
  connect(network: string): Promise<void>;
  disconnect(network: string): Promise<void>;
  removeNetwork(network: string): Promise<void>;
  /** Makes, without starting it, a container where the client is, which ends once it has connected to host and port. */
  createCaller(host: string, port: number): Promise<string>;
  /** Starts such a container and waits until it ends; with what exit code. Throws where it does not connect in time. */
  startAndWait(container: string): Promise<number>;
  removeCaller(container: string): Promise<void>;
}

/** A program that must be up in the server before the workload runs. */
export interface ServerSpec {
  readonly argv: readonly string[];
  readonly slot: PortSlot;
  /** Further slots whose ports it opens while a client is there. */
  readonly moreSlots?: readonly PortSlot[];
  /** Files that must be there before it starts, in a folder of its own in which it is started: name → content. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * How readiness is established: connecting over TCP; the port's presence in the server's table of UDP sockets; or
   * a command of the tool's own at the client that succeeds once the server answers.
   */
  readonly ready: 'tcp' | 'udp-bound' | { readonly argv: readonly string[] };
}

export interface TrialSettings {
  /** Measured seconds, without warm-up. */
  readonly durationSeconds: number;
  /** Seconds at the start of the trial that the tool omits from its figures. */
  readonly omitSeconds: number;
  /** Cores of the machine that the pair runs on. */
  readonly cores: number;
  /** Bit/s offered by fixed-load workloads. */
  readonly offeredBitsPerSecond: number;
  /** Bit/s that workloads at equal load offer; absent while it is unknown what the networks sustain. */
  readonly equalLoadBitsPerSecond?: number;
}

export type Outcome =
  | {
      readonly type: 'measured';
      readonly metrics: readonly Metric[];
      readonly histogram?: Histogram;
      readonly timeline?: Timeline;
      /** Payload bytes that crossed the network in the trial, both directions added, as far as the tool tells. */
      readonly payloadBytes?: number;
      /** Of them, those between the pair's own two ends, where its companions carried the others. */
      readonly ownPayloadBytes?: number;
      /** Transactions or connections made in the trial. */
      readonly transactions?: number;
      /** Seconds that the tool measured, where that differs from the duration asked for. */
      readonly measuredSeconds?: number;
      readonly warnings: readonly TrialWarning[];
      /** The tool's own output, kept compressed with the run. */
      readonly raw: string;
    }
  | { readonly type: 'failed'; readonly reason: TrialReason; readonly raw: string };

/** Settings of a workload that `--sweep` varies; its variants are called `tcp-stream@size=1024`. */
export type SweptSetting = 'size' | 'streams';

/**
 * How a workload is counted: its tool runs once, and marks are made as it calls the kernel for the so many-th time. What
 * lies between two of them is so many units of work, of a tool that runs on.
 */
export interface CountedWork {
  readonly unit: CountedUnit;
  /** Units of one call. */
  readonly unitsPerCall: number;
  /** A system call that the client's tool makes once for each unit, or for so many of them. */
  readonly call: WatchedCall;
  /** The tool's name, as in /proc/PID/comm. */
  readonly task: string;
  /** Calls before the first window, such as those of the tool's own control connection, and until its caches are warm. */
  readonly warmUpCalls: number;
  /** Calls of the first window and of the second, which begin together. */
  readonly windowCalls: readonly [number, number];
  /** What tables show of it: a rate, of the counted seconds that one unit takes. */
  readonly rate: (secondsPerUnit: number) => Metric;
  /** Runs the client, in a folder of its own, so that it makes at least so many calls. */
  argv(pair: WorkloadPair, calls: number): readonly string[];
  /** What the client printed: how much went over the wire, for the witness. */
  parse(stdout: string, calls: number): Outcome;
  /** A daemon of the guest that is on its path, and so is not held. */
  readonly daemonOnPath?: string;
  /** Its servers, where they are others than the workload's own. */
  servers?(place: ServerPlace): readonly ServerSpec[];
}

/** What is run between a pair; one file each. */
export interface Workload {
  readonly id: string;
  readonly summary: string;
  /** What the figure can't tell; shown in the reports' method section. */
  readonly caveat: string;
  /** Set where the tool leaves the settings' `omitSeconds` out; others have no warm-up within a trial. */
  readonly omits?: true;
  /** Where a trial's time goes, where that is not its duration alone. */
  readonly timing?: string;
  /** What reports and the gate go by, where there is anything to say; copied into the run's plan. */
  readonly traits?: WorkloadTraits;
  /** Metrics it yields, in the order of importance; the first is what tables show. */
  readonly metrics: readonly Omit<Metric, 'value'>[];
  servers(place: ServerPlace): readonly ServerSpec[];
  /** Set where its traffic never leaves the client's network namespace, so that it says nothing of the pair's path. */
  readonly staysAtClient?: true;
  /** Set where containers of its own carry its traffic, so that no counter of the pair can witness it. */
  readonly usesOtherContainers?: true;
  /** The same workload with one setting changed: bytes of a message, or streams at once. */
  readonly variants?: Partial<Readonly<Record<SweptSetting, (value: number) => Workload>>>;
  /** Set where a trial ends after so many operations, however long they take, and not after its duration. */
  readonly endsByCount?: true;
  /** Set where companions of the pair send beside it: ports of bridges other than the pair's own move too. */
  readonly usesCompanions?: true;
  /** What must be so before a trial and is no part of it. Gives warnings; throws where it can't be had. */
  prepare?(pair: WorkloadPair): Promise<readonly TrialWarning[]>;
  /** A reason where the workload makes no sense on a network of such traits, with such options. */
  unsupported?(traits: NetworkTraits, options: ScenarioOptions): string | undefined;
  /** How it is counted on a machine whose clock counts instructions; absent where its own clock is read there, too. */
  readonly counted?: CountedWork;
  /** One trial. Throws only where the engine fails; the tool's failures are outcomes. */
  measure(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome>;
}
