import type { Topology } from './scenario.ts';
import type { Plan } from './schema.ts';
import { equalLoadMetric, type NetworkTraits, type Question, type WorkloadTraits } from './traits.ts';

interface Planned {
  readonly topology: Topology;
  readonly driver: string;
  readonly traits?: NetworkTraits | undefined;
}

/** The traits of the drivers that there were when runs did not record any. A new driver is not to be named here. */
const byDriver: Readonly<Record<string, NetworkTraits | undefined>> = {
  bare: { stack: 'machine', givesUp: [] },
  host: {
    stack: 'host',
    givesUp: [
      'isolation: the container sees the host’s interfaces, and ports collide',
      'names',
      'encryption',
    ],
  },
  container: {
    stack: 'shared',
    givesUp: [
      'isolation between the two: they share one stack and its ports',
      'anything but loopback between them',
    ],
  },
  'bridge-default': {
    stack: 'own',
    isolates: true,
    givesUp: [
      'names',
      'separation: every container that names no network is on it',
      'encryption',
      'other hosts',
    ],
  },
  bridge: {
    stack: 'own',
    isolates: true,
    naming: true,
    givesUp: ['other hosts, but by published ports', 'encryption'],
  },
  'bridge-published': {
    stack: 'own',
    isolates: true,
    publishes: 'underlay',
    givesUp: [
      'the client’s address: behind a bridge of its own it is masked by its host’s',
      'one host port for each service',
      'names',
      'encryption',
    ],
  },
  'bridge-proxy': {
    stack: 'own',
    isolates: true,
    publishes: 'loopback',
    givesUp: [
      'the client’s address: the server sees the proxy',
      'a process of the host copies every byte',
      'names',
      'encryption',
    ],
  },
  macvlan: {
    stack: 'own',
    naming: true,
    ownMac: true,
    givesUp: [
      'portability: it names an interface of the host, and clouds and wireless segments filter its addresses',
      'its own host, which cannot reach it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  'ipvlan-l2': {
    stack: 'own',
    naming: true,
    givesUp: [
      'a MAC address of its own: all have the parent’s',
      'its own host, which cannot reach it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  'ipvlan-l3': {
    stack: 'own',
    naming: true,
    givesUp: [
      'broadcast and a place on the segment: others need a route to it',
      'the engine’s firewall rules',
      'names across hosts',
      'encryption',
    ],
  },
  overlay: {
    stack: 'own',
    isolates: true,
    naming: true,
    encapsulates: { bytes: 50 },
    swarm: true,
    givesUp: [
      'encryption: VXLAN carries everything in clear',
      '50 bytes of each packet between hosts, for its header',
      'independence of a swarm',
    ],
  },
  'overlay-encrypted': {
    stack: 'own',
    isolates: true,
    naming: true,
    encrypts: true,
    plainDriver: 'overlay',
    encapsulates: { bytes: 76, mtuMultipleOf: 4 },
    swarm: true,
    givesUp: [
      'CPU time for AES-GCM',
      'more than 50 bytes of each packet, for its headers',
      'kernels without ESP',
      'independence of a swarm',
    ],
  },
};

/** Of them, those that had names on one host only. */
const namelessAcrossHosts = ['macvlan', 'ipvlan-l2', 'ipvlan-l3'];

/**
 * The traits of a planned scenario's network, as its driver gave them. In a run of before they were recorded they are
 * known by the driver's id, here and nowhere else; undefined for ids that were none.
 */
export function traitsOf({ topology, driver, traits }: Planned): NetworkTraits | undefined {
  if (traits) return traits;
  const older = Object.hasOwn(byDriver, driver) ? byDriver[driver] : undefined;
  return older && topology === 'cross-host' && namelessAcrossHosts.includes(driver)
    ? { ...older, naming: false }
    : older;
}

/** As for drivers: of the workloads that there were, those of which anything was to be said. */
const byWorkload: Readonly<Record<string, WorkloadTraits | undefined>> = {
  'tcp-stream': {
    isOneConnection: true,
    answers: [
      { question: 'throughput', metric: 'goodput', rank: 1 },
      { question: 'cpu', metric: 'cpu-per-gb', rank: 1 },
    ],
  },
  'tcp-stream-reverse': { isOneConnection: true },
  'udp-load': { offersFixedLoad: true },
  'tcp-equal-load': { primaryMetric: equalLoadMetric, atEqualLoadOf: 'tcp-stream' },
  rtt: {
    answers: [
      { question: 'latency', metric: 'rtt-p50', rank: 1 },
      { question: 'rtt-p50', metric: 'rtt-p50', rank: 1 },
    ],
  },
  'tcp-rr': {
    answers: [
      { question: 'latency', metric: 'transactions', rank: 2 },
      { question: 'rtt-p50', metric: 'rtt-p50', rank: 2 },
    ],
  },
  'udp-rr': { answers: [{ question: 'latency', metric: 'transactions', rank: 3 }] },
  'tcp-crr': { answers: [{ question: 'connections', metric: 'connections', rank: 1 }] },
  'rtt-open': { answers: [{ question: 'rtt-p99', metric: 'rtt-p99', rank: 1 }] },
  'rtt-loaded': {
    answers: [
      { question: 'loaded-latency', metric: 'rtt-p99', rank: 1 },
      { question: 'loaded-latency', metric: 'rtt-p50', rank: 2 },
    ],
  },
  ...Object.fromEntries(
    [1, 2, 4, 8].map((pairs) => [`scale@pairs=${pairs}`, { followed: ['goodput', 'fairness', 'rtt-p50'] }]),
  ),
};

/** The traits of a planned workload, as it gave them; in a run of before one of them was recorded that is known by its id. */
export function workloadTraitsOf({ workloads }: Pick<Plan, 'workloads'>, id: string): WorkloadTraits {
  const planned = workloads.find((workload) => workload.id === id);
  return { ...(Object.hasOwn(byWorkload, id) ? byWorkload[id] : undefined), ...planned?.traits };
}

/** A figure that answers a question. */
export interface AnswerFigure {
  readonly workload: string;
  readonly metric: string;
}

/** The figures of a plan that answer a question, by what its workloads say, the best first. */
export function answersTo(plan: Pick<Plan, 'workloads'>, question: Question): AnswerFigure[] {
  return plan.workloads
    .flatMap(({ id }) =>
      (workloadTraitsOf(plan, id).answers ?? []).map((answer) => ({ workload: id, ...answer })),
    )
    .filter((answer) => answer.question === question)
    .sort((a, b) => a.rank - b.rank)
    .map(({ workload, metric }) => ({ workload, metric }));
}
