import type { CounterExpectation, CounterName } from '../../drivers/expectation.ts';
import { bytesText, percentText } from '../../results/figure-text.ts';
import type { Judgement } from './judgement.ts';
import type { EndObservation, Observation, Traffic } from './observation.ts';
import { isSeveral, placeOf, type Side } from './places.ts';

/** What the tool says of its trial, and what went by on shared interfaces just before it. */
export interface TrialFacts {
  /** Payload bytes, both directions added; excludes the warm-up, so it is a lower bound. */
  readonly payloadBytes?: number;
  /** Requests with a response each. */
  readonly transactions?: number;
  /** Bytes per second that other programs moved in the pause before the trial, by end and counter. */
  readonly background: Readonly<Record<Side, Partial<Readonly<Record<CounterName, number>>>>>;
}

/**
 * Share of the traffic that must be seen where it has to pass. What is missing may be headers that were merged away
 * (receive offload) or counted only on one side.
 */
const carriedShare = 0.95;
/** Packets and bytes by which two counters may differ, being read some milliseconds apart. */
const slackPackets = 16;
const slackBytes = 16 * 1024;
/** Below this mean size packets are neither split nor merged on their way, so that they can be counted one by one. */
const smallPacketBytes = 200;
/** A request and its response are a packet each at least; a lost or merged one is allowed for. */
const packetsPerTransaction = 1.8;
/** Share of the traffic that may be seen where it must not pass, and what others may do there anyway. */
const strayShare = 0.05;
const strayBytes = 32 * 1024;
const strayBytesPerSecond = 8 * 1024;
/** CPU seconds of an idle docker-proxy, per second and in all; one that copies takes a hundred times as much. */
const idleProxyShare = 0.01;
const idleProxySeconds = 0.02;
const busyProxySeconds = 0.01;
/** New connections to the pair's ports that a stray check may make. */
const strayConnections = 2;

const wishes: Readonly<Record<CounterExpectation['must'], { one: string; many: string }>> = {
  carry: { one: 'carries the traffic', many: 'carry the traffic' },
  'stay-still': { one: 'stays still', many: 'stay still' },
  rise: { one: 'moves', many: 'move' },
};

/**
 * Judges one counter of one end. Pure.
 * @param isSplit a proxy ends each connection and makes another: acknowledgements are each half's own
 */
export function judgeCounter(
  expectation: CounterExpectation,
  side: Side,
  observation: Observation,
  trial: TrialFacts,
  isSplit = false,
): Judgement {
  const { counter, must } = expectation;
  const place = placeOf(counter, side);
  const base = { name: `${side}-${counter}-${must}`, place };
  if (counter === 'dnat') return judgeDnat(base, must, observation[side]);
  if (counter === 'proxy') return judgeProxy(base, must, observation[side], observation.seconds);
  const seen = observation[side].traffic[counter];
  const expected = `${place} ${wishes[must][isSeveral(counter) ? 'many' : 'one']}`;
  if (!seen) return { name: base.name, expected, observed: 'not read', outcome: 'unread', meaning: '' };
  const observed = describe(seen);
  if (must === 'carry') {
    const whole = isSplit ? { ...observation, [otherOf[side]]: observation[side] } : observation;
    const share = carried(counter, seen, whole, trial);
    return {
      name: base.name,
      expected,
      observed,
      outcome: share >= 1 ? 'holds' : 'fails',
      meaning:
        counter === 'esp'
          ? `${percentText(1 - share * carriedShare)} of the traffic crossed the underlay outside IPsec`
          : `${amount(share * carriedShare)} of the traffic went through ${place}`,
    };
  }
  const bytes = seen.forwardBytes + seen.backwardBytes;
  const whole = wholeBytes(observation, trial);
  if (must === 'rise') {
    const outcome = bytes > 0 ? 'holds' : 'fails';
    return { name: base.name, expected, observed, outcome, meaning: `nothing went through ${place}` };
  }
  const allowed = Math.max(strayBytes + strayBytesPerSecond * observation.seconds, strayShare * whole);
  const others = 2 * (trial.background[side][counter] ?? 0) * observation.seconds;
  const outcome = bytes <= allowed ? 'holds' : bytes <= others ? 'unread' : 'fails';
  return {
    name: base.name,
    expected,
    observed: outcome === 'unread' ? `${observed}, but others were sending there before` : observed,
    outcome,
    meaning: `${percentText(Math.min(1, bytes / Math.max(1, whole)))} of the traffic (${bytesText(bytes)}) went through ${place}, which is not on its path`,
  };
}

const otherOf: Readonly<Record<Side, Side>> = { server: 'client', client: 'server' };

/** What arrived: every hop on the way must have carried it. Undefined where neither end has an interface of its own. */
function arrived(observation: Observation): Traffic | undefined {
  const server = observation.server.traffic.own;
  const client = observation.client.traffic.own;
  const ahead = server ?? client;
  const back = client ?? server;
  return (
    ahead &&
    back && {
      forwardBytes: ahead.forwardBytes,
      forwardPackets: ahead.forwardPackets,
      backwardBytes: back.backwardBytes,
      backwardPackets: back.backwardPackets,
    }
  );
}

/** How much of what had to pass was seen, in multiples of what is enough: 1 or more is enough. */
function carried(counter: CounterName, seen: Traffic, observation: Observation, trial: TrialFacts): number {
  const isLoopback = counter === 'own-loopback' || counter === 'host-loopback';
  const reference = counter === 'own' || isLoopback ? undefined : arrived(observation);
  if (!reference) return payloadShare(seen, trial);
  return Math.min(
    payloadShare(seen, trial),
    enough(seen.forwardBytes, seen.forwardPackets, reference.forwardBytes, reference.forwardPackets),
    enough(seen.backwardBytes, seen.backwardPackets, reference.backwardBytes, reference.backwardPackets),
  );
}

function enough(bytes: number, packets: number, wantedBytes: number, wantedPackets: number): number {
  if (wantedPackets === 0) return 1;
  const small = wantedBytes / wantedPackets < smallPacketBytes;
  const [seen, wanted, slack] = small
    ? [packets, wantedPackets, slackPackets]
    : [bytes, wantedBytes, slackBytes];
  return seen + slack >= carriedShare * wanted ? 1 : seen / (carriedShare * wanted);
}

function payloadShare(seen: Traffic, trial: TrialFacts): number {
  const bytes = seen.forwardBytes + seen.backwardBytes;
  const packets = seen.forwardPackets + seen.backwardPackets;
  if (trial.payloadBytes === undefined && trial.transactions === undefined) return packets > 0 ? 1 : 0;
  return Math.min(
    1,
    trial.payloadBytes ? bytes / (carriedShare * trial.payloadBytes) : 1,
    trial.transactions ? packets / (packetsPerTransaction * trial.transactions) : 1,
  );
}

function wholeBytes(observation: Observation, trial: TrialFacts): number {
  const own = arrived(observation);
  return Math.max(trial.payloadBytes ?? 0, own ? own.forwardBytes + own.backwardBytes : 0);
}

type Base = { readonly name: string; readonly place: string };

function judgeDnat(base: Base, must: CounterExpectation['must'], end: EndObservation): Judgement {
  const packets = end.dnatPackets;
  const wanted = must !== 'stay-still';
  const expected = wanted
    ? `${base.place} take new connections`
    : `${base.place} take none of the connections`;
  if (packets === undefined) {
    return { name: base.name, expected, observed: 'not read', outcome: 'unread', meaning: '' };
  }
  return {
    name: base.name,
    expected,
    observed: `${packets} new connections`,
    outcome: (wanted ? packets > 0 : packets <= strayConnections) ? 'holds' : 'fails',
    meaning: wanted
      ? `no connection hit ${base.place}: the published port was reached some other way`
      : `${packets} connections went through ${base.place}, not through docker-proxy`,
  };
}

function judgeProxy(
  base: Base,
  must: CounterExpectation['must'],
  end: EndObservation,
  seconds: number,
): Judgement {
  const cpu = end.proxyCpuSeconds;
  const wanted = must !== 'stay-still';
  const expected = wanted ? `${base.place} copies the bytes` : `${base.place} stays idle`;
  if (cpu === undefined) {
    return { name: base.name, expected, observed: 'not read', outcome: 'unread', meaning: '' };
  }
  const idle = cpu <= idleProxySeconds + idleProxyShare * seconds;
  return {
    name: base.name,
    expected,
    observed: `${cpu.toFixed(2)} s of CPU time`,
    outcome: (wanted ? cpu >= busyProxySeconds : idle) ? 'holds' : 'fails',
    meaning: wanted
      ? `${base.place} used no CPU time, so it did not copy the bytes`
      : `${base.place} copied the bytes (${cpu.toFixed(2)} s of CPU time) instead of the DNAT rule`,
  };
}

function describe(traffic: Traffic): string {
  const way = (bytes: number, packets: number) => `${bytesText(bytes)} in ${packets} packets`;
  return `${way(traffic.forwardBytes, traffic.forwardPackets)} forward, ${way(traffic.backwardBytes, traffic.backwardPackets)} back`;
}

const amount = (share: number): string => (share < 0.005 ? 'none' : `only ${percentText(share)}`);
