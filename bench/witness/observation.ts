import type { CounterName } from '../../drivers/expectation.ts';
import type { EndLayout } from './layout.ts';
import type { EspState, HostReading, InterfaceCounters } from './reading.ts';

/** What went by at one place during a trial, with respect to the pair: forward is from client to server. */
export interface Traffic {
  readonly forwardBytes: number;
  readonly forwardPackets: number;
  readonly backwardBytes: number;
  readonly backwardPackets: number;
}

/** What one end's counters did during a trial. What could not be read, or was reset meanwhile, is absent. */
export interface EndObservation {
  readonly traffic: Partial<Readonly<Record<CounterName, Traffic>>>;
  readonly proxyCpuSeconds?: number;
  readonly dnatPackets?: number;
  readonly tcpRetransmits?: number;
  /** Pieces of IP packets that the host made, and that arrived to be joined there. */
  readonly fragmentsSent?: number;
  readonly fragmentsArrived?: number;
  readonly conntrackDrops?: number;
  /** Entries at the end of the trial. */
  readonly conntrackCount?: number;
  /** Highest sequence number of an ESP state that sends, at the end of the trial. */
  readonly espSequence?: number;
}

export interface Observation {
  readonly server: EndObservation;
  readonly client: EndObservation;
  /** Both ends' hosts are one engine's. */
  readonly oneHost: boolean;
  /** From the reading before to the one after. */
  readonly seconds: number;
}

/** Which way a packet from client to server goes through an interface, as that counts it. */
type Forward = 'rx' | 'tx';

function trafficOf(delta: InterfaceCounters, forward: Forward): Traffic {
  const rx = { bytes: delta.rxBytes, packets: delta.rxPackets };
  const tx = { bytes: delta.txBytes, packets: delta.txPackets };
  const [ahead, back] = forward === 'rx' ? [rx, tx] : [tx, rx];
  return {
    forwardBytes: ahead.bytes,
    forwardPackets: ahead.packets,
    backwardBytes: back.bytes,
    backwardPackets: back.packets,
  };
}

type Interfaces = ReadonlyMap<string, InterfaceCounters> | undefined;

/** Difference of one interface; undefined where it is missing at either time or was made anew in between. */
function difference(before: Interfaces, after: Interfaces, name: string): InterfaceCounters | undefined {
  const [first, last] = [before?.get(name), after?.get(name)];
  if (!first || !last) return undefined;
  const delta = {
    rxBytes: last.rxBytes - first.rxBytes,
    rxPackets: last.rxPackets - first.rxPackets,
    txBytes: last.txBytes - first.txBytes,
    txPackets: last.txPackets - first.txPackets,
  };
  return Object.values(delta).some((value) => value < 0) ? undefined : delta;
}

function sumOf(
  before: Interfaces,
  after: Interfaces,
  names: readonly string[],
): InterfaceCounters | undefined {
  if (!before || !after) return undefined;
  const deltas = names.map((name) => difference(before, after, name)).filter((each) => each !== undefined);
  return deltas.reduce(
    (sum, each) => ({
      rxBytes: sum.rxBytes + each.rxBytes,
      rxPackets: sum.rxPackets + each.rxPackets,
      txBytes: sum.txBytes + each.txBytes,
      txPackets: sum.txPackets + each.txPackets,
    }),
    { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 },
  );
}

/** Loopback counts every packet as sent and as received: once is enough, and neither way is forward. */
function loopback(before: Interfaces, after: Interfaces): Traffic | undefined {
  const delta = difference(before, after, 'lo');
  return (
    delta && {
      forwardBytes: delta.rxBytes,
      forwardPackets: delta.rxPackets,
      backwardBytes: 0,
      backwardPackets: 0,
    }
  );
}

function espTraffic(
  before: readonly EspState[] | undefined,
  after: readonly EspState[] | undefined,
  forward: { readonly source: string; readonly destination: string },
): Traffic | undefined {
  if (!before || !after) return undefined;
  const key = (state: EspState) => `${state.source} ${state.destination} ${state.spi}`;
  const known = new Map(before.map((state) => [key(state), state]));
  const sum = (source: string, destination: string, what: 'bytes' | 'packets') =>
    after
      .filter((state) => state.source === source && state.destination === destination)
      // A state that is new since (keys are rotated) has carried all it has carried in this trial.
      .reduce((total, state) => total + Math.max(0, state[what] - (known.get(key(state))?.[what] ?? 0)), 0);
  return {
    forwardBytes: sum(forward.source, forward.destination, 'bytes'),
    forwardPackets: sum(forward.source, forward.destination, 'packets'),
    backwardBytes: sum(forward.destination, forward.source, 'bytes'),
    backwardPackets: sum(forward.destination, forward.source, 'packets'),
  };
}

const less = (after: number | undefined, before: number | undefined): number | undefined =>
  after === undefined || before === undefined || after < before ? undefined : after - before;

/** Entries whose value is there. */
function present<T extends object>(entries: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as never;
}

/** One place, read before and after a trial. */
export interface Readings {
  readonly before: HostReading;
  readonly after: HostReading;
}

/**
 * What one end's counters did between two readings.
 * @param host readings of the host where this end has to be
 * @param home readings of where it is: the same, unless the pair was placed wrongly or this end is this machine
 * @param role whether forward traffic leaves this end (client) or arrives at it (server)
 * @param otherPorts bridge ports of the host that belong to neither end
 */
export function observeEnd(
  role: 'server' | 'client',
  layout: EndLayout,
  host: Readings,
  home: Readings,
  context: {
    readonly otherPorts: readonly string[];
    readonly ports: readonly number[];
    readonly clientAddress: string;
    readonly serverAddress: string;
  },
): EndObservation {
  // Out of the container is forward at the client and backward at the server; the host's half of a veth sees it mirrored.
  const [outward, mirrored]: [Forward, Forward] = role === 'client' ? ['tx', 'rx'] : ['rx', 'tx'];
  const { before, after } = host;
  const hostBefore = before.interfaces.get('host');
  const hostAfter = after.interfaces.get('host');
  const namespace = layout.containerPid === undefined ? 'host' : String(layout.containerPid);
  const insideBefore = home.before.interfaces.get(namespace);
  const insideAfter = home.after.interfaces.get(namespace);
  const port =
    layout.port === undefined
      ? undefined
      : difference(home.before.interfaces.get('host'), home.after.interfaces.get('host'), layout.port);
  const onHost = (name: string | undefined, forward: Forward) => {
    const delta = name === undefined ? undefined : difference(hostBefore, hostAfter, name);
    return delta && trafficOf(delta, forward);
  };
  const { own } = layout;
  const ownDelta = own && difference(insideBefore, insideAfter, own.name);
  const others = own && [...(insideAfter?.keys() ?? [])].filter((name) => name !== own.name && name !== 'lo');
  const othersDelta = others && sumOf(insideBefore, insideAfter, others);
  const otherPorts = sumOf(hostBefore, hostAfter, context.otherPorts);
  const sum = (packets: ReadonlyMap<number, number> | undefined) =>
    packets && context.ports.reduce((total, port) => total + (packets.get(port) ?? 0), 0);
  const cpu = layout.proxyPids.map((pid) =>
    less(after.proxyCpuSeconds.get(String(pid)), before.proxyCpuSeconds.get(String(pid))),
  );
  const traffic = present({
    own: ownDelta && trafficOf(ownDelta, outward),
    'own-others': othersDelta && trafficOf(othersDelta, outward),
    'own-loopback': loopback(insideBefore, insideAfter),
    'host-loopback': loopback(hostBefore, hostAfter),
    port: port && trafficOf(port, mirrored),
    bridge: onHost(layout.bridge, mirrored),
    'other-ports': otherPorts && trafficOf(otherPorts, mirrored),
    parent: onHost(layout.parent, outward),
    underlay: onHost(layout.underlay, outward),
    esp: espTraffic(before.espStates, after.espStates, {
      source: context.clientAddress,
      destination: context.serverAddress,
    }),
  });
  const hosts = [context.clientAddress, context.serverAddress];
  const sequences = (after.espStates ?? [])
    .filter((state) => hosts.includes(state.source) && hosts.includes(state.destination))
    .map((state) => state.outboundSequence ?? 0);
  return {
    traffic,
    ...present({
      proxyCpuSeconds: cpu.includes(undefined)
        ? undefined
        : cpu.reduce<number>((total, each) => total + (each ?? 0), 0),
      dnatPackets: less(sum(after.dnatPackets), sum(before.dnatPackets)),
      tcpRetransmits: less(
        home.after.tcpRetransmits.get(namespace),
        home.before.tcpRetransmits.get(namespace),
      ),
      fragmentsSent: less(after.fragmentsMade, before.fragmentsMade),
      fragmentsArrived: less(after.fragmentsArrived, before.fragmentsArrived),
      conntrackDrops: less(after.conntrackDrops, before.conntrackDrops),
      conntrackCount: after.conntrackCount,
      espSequence: sequences.length > 0 ? Math.max(...sequences) : undefined,
    }),
  };
}
