import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CounterName, count, type Expectation } from '../../drivers/expectation.ts';
import { driverById } from '../../drivers/registry.ts';
import type { Canary, Witness } from '../../results/schema.ts';
import type { Pair } from '../pair/pair.ts';
import type { SiteEngine } from '../site/site.ts';
import type { Workload } from '../workloads/workload.ts';
import { flyCanary } from './canary.ts';
import { type EndFacts, evaluate } from './evaluate.ts';
import type { CaptureFinding } from './judge-capture.ts';
import { type EndLayout, layoutOf } from './layout.ts';
import { observeEnd, type Readings } from './observation.ts';
import { type HostReading, parseReading, type ReadingRequest, readingScript } from './reading.ts';

/** Interfaces that a host shares with all that runs on it. */
const sharedCounters: readonly CounterName[] = [
  'underlay',
  'host-loopback',
  'other-ports',
  'parent',
  'bridge',
];

/** Where counters are read: at an engine's host, or on this machine for `bare`. */
type Place = SiteEngine | 'this machine';

/** What holds for workloads that never leave the client's namespace, whatever the driver. */
const atClient: readonly Expectation[] = [
  count('own-loopback', 'client', 'carry'),
  count('own', 'client', 'stay-still'),
];

type Ends<T> = Readonly<Record<'server' | 'client', T>>;

interface WatchedPair {
  readonly layouts: Ends<EndLayout>;
  readonly captures: Partial<Ends<CaptureFinding>>;
  readonly requests: ReadonlyMap<SiteEngine, ReadingRequest>;
}

/** Watches the path of one trial: called before it, and the returned function after it. */
export type WatchPath = (
  pair: Pair,
  workload: Workload,
) => Promise<(outcome: { payloadBytes?: number; transactions?: number }) => Promise<Witness>>;

/** Proves the path of each trial of a run: a canary once per pair, counters around every trial. */
export class PathWatcher {
  readonly #canaryFolder: string;
  readonly #pairs = new WeakMap<Pair, Promise<WatchedPair>>();
  readonly #canaries = new WeakMap<Pair, Canary>();
  /** What was last read at each engine, at the end of the trial before. */
  readonly #last = new Map<string, HostReading>();

  /** @param directory the run's folder, which gets the captures */
  constructor(directory: string) {
    this.#canaryFolder = join(directory, 'canary');
  }

  /** What the runner calls before and after each trial. */
  readonly watch: WatchPath = async (pair, workload) => {
    const watched = await this.#watched(pair);
    const before = await this.#read(watched);
    const background = this.#background(pair, watched, before);
    // Whatever becomes of this trial, its traffic is nobody's background: what was read before it counts no more.
    for (const place of before.keys()) if (place !== 'this machine') this.#last.delete(place.engine.id);
    return async (outcome) => {
      const after = await this.#read(watched);
      const readings = new Map(
        [...before].map(([place, reading]) => [
          place,
          { before: reading, after: after.get(place) as HostReading },
        ]),
      );
      for (const [place, reading] of after) {
        if (place !== 'this machine') this.#last.set(place.engine.id, reading);
      }
      const expectations = workload.staysAtClient ? atClient : expectationsOf(pair).filter(fits(workload));
      return this.#judge(pair, watched, readings, expectations, { ...outcome, background });
    };
  };

  /** What the canary of a pair that was watched showed. */
  canaryOf(pair: Pair): Canary | undefined {
    return this.#canaries.get(pair);
  }

  #watched(pair: Pair): Promise<WatchedPair> {
    const known = this.#pairs.get(pair);
    if (known) return known;
    const watched = this.#look(pair);
    this.#pairs.set(pair, watched);
    // A look that failed fails its trial; the next trial looks again.
    watched.catch(() => this.#pairs.delete(pair));
    return watched;
  }

  async #look(pair: Pair): Promise<WatchedPair> {
    const expectations = expectationsOf(pair);
    const counted = expectations.flatMap((each) => (each.type === 'counter' ? [each.counter] : []));
    const layouts = await layoutOf(pair, counted);
    const requests = new Map<SiteEngine, ReadingRequest>();
    for (const side of new Set([pair.serverSide, pair.clientSide])) {
      const homeHere = Object.values(layouts).filter((layout) => layout.home === side);
      requests.set(side, {
        containerPids: [...new Set(homeHere.flatMap((layout) => layout.containerPid ?? []))],
        proxyPids: side === pair.serverSide ? layouts.server.proxyPids : [],
        natProgram: side === pair.serverSide ? layouts.server.natProgram : undefined,
        esp: counted.includes('esp'),
      });
    }
    const wantsCapture = expectations.some((each) => each.type === 'capture');
    const flight = wantsCapture ? await flyCanary(pair, layouts) : undefined;
    if (flight) {
      await mkdir(this.#canaryFolder, { recursive: true });
      for (const [name, bytes] of flight.files) await writeFile(join(this.#canaryFolder, name), bytes);
      this.#canaries.set(pair, flight.record);
    }
    const seen = (role: 'server' | 'client'): EndLayout => ({
      ...layouts[role],
      underlay: flight?.findings[role].names.underlay ?? layouts[role].underlay,
    });
    return {
      layouts: { server: seen('server'), client: seen('client') },
      requests,
      captures: flight?.findings ?? {},
    };
  }

  async #read(watched: WatchedPair): Promise<Map<Place, HostReading>> {
    const onEngines = [...watched.requests].map(async ([side, request]): Promise<[Place, HostReading]> => {
      const text = await side.probe.read(readingScript(request));
      return [side, parseReading(text, performance.now())];
    });
    const here = Object.values(watched.layouts).some((layout) => layout.home === 'this machine')
      ? [readHere()]
      : [];
    return new Map(await Promise.all([...onEngines, ...here]));
  }

  /** Bytes per second on the hosts' shared interfaces in the pause since the trial before. */
  #background(pair: Pair, watched: WatchedPair, now: ReadonlyMap<Place, HostReading>) {
    const ofEnd = (role: 'server' | 'client') => {
      const layout = watched.layouts[role];
      const [before, after] = [this.#last.get(layout.side.engine.id), now.get(layout.side)];
      if (!before || !after) return {};
      const seconds = Math.max(0.001, (after.atMillis - before.atMillis) / 1000);
      const { traffic } = observeEnd(
        role,
        layout,
        { before, after },
        { before, after },
        contextOf(pair, watched),
      );
      const rates = sharedCounters.flatMap((name) => {
        const seen = traffic[name];
        return seen ? [[name, (seen.forwardBytes + seen.backwardBytes) / seconds]] : [];
      });
      return Object.fromEntries(rates) as Partial<Record<CounterName, number>>;
    };
    return { server: ofEnd('server'), client: ofEnd('client') };
  }

  #judge(
    pair: Pair,
    watched: WatchedPair,
    readings: ReadonlyMap<Place, Readings>,
    expectations: readonly Expectation[],
    trial: Parameters<typeof evaluate>[0]['trial'],
  ): Witness {
    const observe = (role: 'server' | 'client') => {
      const layout = watched.layouts[role];
      const host = readings.get(layout.side) as Readings;
      const home = (layout.home && readings.get(layout.home)) ?? host;
      return observeEnd(role, layout, host, home, contextOf(pair, watched));
    };
    const facts = (role: 'server' | 'client'): EndFacts => {
      const layout = watched.layouts[role];
      return {
        wantedOn: layout.home === 'this machine' ? 'this machine' : layout.side.engine.name,
        placedRightly: layout.home === 'this machine' || layout.home === layout.side,
        interfaceKind: layout.own?.kind,
        capture: watched.captures[role],
      };
    };
    const { before, after } = readings.get(pair.serverSide) as Readings;
    return evaluate({
      scenario: pair.scenario.id,
      topology: pair.scenario.topology,
      expectations,
      observation: {
        server: observe('server'),
        client: observe('client'),
        oneHost: pair.serverSide === pair.clientSide,
        seconds: (after.atMillis - before.atMillis) / 1000,
      },
      ends: { server: facts('server'), client: facts('client') },
      trial,
    });
  }
}

function expectationsOf(pair: Pair) {
  const driver = driverById(pair.scenario.driver);
  if (!driver) throw new Error(`no driver "${pair.scenario.driver}"`);
  return [...driver.expectations, ...(pair.wiring.expectations ?? [])].filter(
    (each) => each.topology === undefined || each.topology === pair.scenario.topology,
  );
}

/** Companions stand on the same bridge, so their ports must move. */
function fits(workload: Workload): (expectation: Expectation) => boolean {
  return (expectation) =>
    !(workload.usesCompanions && expectation.type === 'counter' && expectation.counter === 'other-ports');
}

function contextOf(pair: Pair, { layouts }: WatchedPair) {
  const own = [layouts.server.port, layouts.client.port];
  return {
    otherPorts: [...new Set([...layouts.server.bridgePorts, ...layouts.client.bridgePorts])].filter(
      (name) => !own.includes(name),
    ),
    ports: Object.values(pair.ports),
    clientAddress: layouts.client.underlayAddress,
    serverAddress: layouts.server.underlayAddress,
  };
}

async function readHere(): Promise<[Place, HostReading]> {
  const text = await readFile('/proc/net/dev', 'utf8');
  const asFile = text.replace(/^/gm, '/proc/net/dev:');
  return ['this machine', parseReading(asFile, performance.now())];
}
