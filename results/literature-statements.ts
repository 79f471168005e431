import type { Criterion, FigurePlan } from './claims-criteria.ts';
import type { StatementPlan } from './literature.ts';

const noCost: Criterion = { type: 'at-most', cost: 0.05, why: 'as fast: at most 5 % dearer' };
const dearer: Criterion = { type: 'more-than', cost: 0, why: 'dearer: the whole interval above zero' };
const matters: Criterion = { type: 'more-than', cost: 0.03, why: 'a cost that matters: above 3 %' };

const workloads = {
  throughput: { workload: 'tcp-stream', metric: 'goodput' },
  'round trips': { workload: 'tcp-rr', metric: 'transactions' },
} as const;

/** The same question of throughput and of round trips. */
function both(what: string, scenario: string, against: string, criterion?: Criterion): FigurePlan[] {
  return (Object.keys(workloads) as (keyof typeof workloads)[]).map((name) =>
    one(name, what, scenario, against, criterion),
  );
}

function one(
  of: keyof typeof workloads,
  what: string,
  scenario: string,
  against: string,
  criterion?: Criterion,
): FigurePlan {
  return { what: `${what}: ${of}`, scenario, against, ...workloads[of], ...(criterion && { criterion }) };
}

/** What others have published about container networks, in the order of their years. */
export const statements: readonly StatementPlan[] = [
  {
    id: 'felter-native',
    source:
      'Felter, Ferreira, Rajamony, Rubio: An Updated Performance Comparison of Virtual Machines and Linux Containers, IBM RC25482, 2014',
    says: 'Docker is as fast as native nearly everywhere (with the host network).',
    measuredOn: 'two machines with a 10 Gbit/s link, Docker 1.0, nuttcp and netperf',
    figures: both(
      'a container in the host network against a bare process',
      'same-host/host',
      'same-host/bare',
      noCost,
    ),
    believe:
      'A container in the host’s namespace runs the same code as a process without one. What differs is noise, or a seccomp profile for calls by the million.',
  },
  {
    id: 'felter-nat',
    source: 'Felter et al., IBM RC25482, 2014',
    says: 'The exception is Docker’s NAT: published ports cost throughput’s CPU and latency.',
    measuredOn: 'as above; the bridge with NAT doubled the round-trip time',
    figures: both(
      'a published port against the host network, across hosts',
      'cross-host/bridge-published',
      'cross-host/host',
      matters,
    ),
    believe:
      'Each packet passes a bridge, a veth pair, connection tracking and a rewritten address. That is work, and it is measurable.',
  },
  {
    id: 'claassen-macvlan',
    source:
      'Claassen, Koning, Grosso: Linux containers networking: performance and scalability of kernel modules, NOMS 2016, doi 10.1109/NOMS.2016.7502883',
    says: 'macvlan outperforms veth (a bridge) in raw TCP performance.',
    measuredOn: 'one host with many containers; more is in the paper',
    figures: [one('throughput', 'bridge against macvlan', 'same-host/bridge', 'same-host/macvlan', dearer)],
    believe:
      'macvlan skips the bridge and its netfilter hooks, so it has less to do; how much that is depends on the kernel, the rules and the size of segments. Their other half, that it outperforms ipvlan, takes a kernel with ipvlan.',
  },
  {
    id: 'ipvlan-better',
    source: 'Container network architecture and performance analysis of Macvlan and IPvlan (by its abstract)',
    says: 'ipvlan has the better network performance of the two.',
    measuredOn: 'not told in the abstract',
    figures: both('macvlan against ipvlan L2', 'same-host/macvlan', 'same-host/ipvlan-l2', dearer),
    believe:
      'It contradicts the statement above, and both may be right where they were measured: the two drivers differ by a look-up of addresses, less than machines differ from day to day. Choose by what each can do.',
  },
  {
    id: 'haruna-order',
    source:
      'Haruna et al.: Analysis of Docker Networking …, Advances in Networks 10(2), 2022, doi 10.11648/j.net.20221002.11',
    says: 'Host before NAT before overlay.',
    measuredOn: 'two hosts, VXLAN overlay and Weave',
    figures: [
      ...both('NAT against host', 'cross-host/bridge-published', 'cross-host/host', dearer),
      ...both('overlay against NAT', 'cross-host/overlay', 'cross-host/bridge-published', dearer),
    ],
    believe:
      'Host first is safe to believe. Between NAT and an overlay the order is a matter of what costs more where you are: connection tracking with its rules, or fifty bytes more and a second trip through the stack for each packet.',
  },
  {
    id: 'hermans-overlay',
    source:
      'Hermans, de Niet: Docker overlay networks: performance analysis in high-latency environments, University of Amsterdam 2016',
    says: 'An overlay brings no significant loss in latency or jitter.',
    measuredOn: 'hosts that are far apart; more is in the report',
    figures: [one('round trips', 'overlay against host', 'cross-host/overlay', 'cross-host/host')],
    cannot:
      'a lab has no distance: what an overlay adds is a share of tens of microseconds here, and was one of a far longer way there',
    believe:
      'Over tens of milliseconds nobody sees the microseconds that an overlay adds. In one data centre they are a good part of a round trip.',
  },
  {
    id: 'moby-33133',
    source: 'moby issue 33133, 2017',
    says: 'An encrypted overlay carries 262 KB/s where the plain one carries 113 MB/s; encryption is “supposed to take around 10 %”.',
    measuredOn: 'machines of one reporter, 1 Gbit/s',
    figures: both('encrypted overlay against plain', 'cross-host/overlay-encrypted', 'cross-host/overlay', {
      type: 'more-than',
      cost: 0.1,
      why: 'more than the 10 % that it is supposed to take',
    }),
    believe:
      'A factor of four hundred is a fault (checksum offload of VXLAN within ESP, or fragments), not the cost of encryption. But 10 % is too little where one core encrypts: expect a few Gbit/s at most for a flow.',
  },
  {
    id: 'moby-35082',
    source: 'moby issue 35082, 2017',
    says: 'The routing mesh slows down with many parallel requests, because all come from one source address.',
    measuredOn: 'a swarm of one reporter',
    figures: [],
    cannot: 'Tare publishes ports on the host and measures no service behind a swarm’s routing mesh',
    believe:
      'It is plausible: one source address leaves 28 thousand ports to each destination, and connection tracking keeps each for two minutes.',
  },
  {
    id: 'slim-twice',
    source: 'Zhuo et al.: Slim, NSDI 2019',
    says: 'In an overlay each packet traverses the kernel’s stack twice at either end, which costs throughput and latency.',
    measuredOn:
      'overlays between two machines; memcached did 66 to 71 % more, with 42 % less latency, without one',
    figures: both('overlay against host', 'cross-host/overlay', 'cross-host/host', matters),
    believe:
      'The two trips are a fact of the design, and cost something everywhere. Their 66 to 71 % are memcached’s, which does little but send and receive; they are no figure for other programs.',
  },
  {
    id: 'lei-softirq',
    source:
      'Lei, Suo, Lu, Rao: Tackling parallelization challenges of kernel network stack for container overlay networks, HotCloud 2019',
    says: 'An overlay’s receive path serialises softirqs of one flow on one core; flows don’t scale with cores.',
    measuredOn: 'machines with many cores; more is in the paper',
    figures: [],
    cannot: 'it takes more cores than flows, and both ends of a lab share all that it has',
    believe:
      'One flow’s packets of an overlay are handled on one core unless receive packet steering spreads them. Count flows, not cores.',
  },
  {
    id: 'podman-slirp',
    source: 'podman issues 17865, 20465, 28219',
    says: 'slirp4netns and pasta carry Mbit/s where Gbit/s are expected.',
    measuredOn: 'rootless engines of several reporters',
    figures: [],
    cannot: 'the engine is not rootless',
    believe:
      'A program in user space copies every byte there. Measure it on your own rootless engine before you build on it.',
  },
  {
    id: 'stanisic-overlay',
    source:
      'Stanišić et al.: Docker network topologies: Analysis of Bridge, Overlay, and MacvLAN modes, Tehnika 2025(4)',
    says: 'An overlay adds about 1.1 ms a hop.',
    measuredOn: 'Docker 27.5',
    figures: [],
    atLeast: [
      {
        what: 'a round trip over the overlay, in the middle of a trial, takes at least the 1.1 ms that it adds',
        scenario: 'cross-host/overlay',
        workload: 'tcp-rr',
        metric: 'rtt-p50',
        atLeast: 1.1e-3,
      },
    ],
    believe:
      'VXLAN costs microseconds of CPU. A millisecond is somebody waiting: a busy host, a virtual machine’s scheduler, or ping’s first packet that resolves an address.',
  },
  {
    id: 'stanisic-loss',
    source: 'Stanišić et al., Tehnika 2025(4)',
    says: 'A bridge loses 14 % of packets at an MTU of 1500 “due to DNAT”.',
    measuredOn: 'Docker 27.5',
    figures: [],
    atLeast: [
      {
        what: 'loss of UDP at a fixed load through a published port',
        scenario: 'cross-host/bridge-published',
        workload: 'udp-load',
        metric: 'loss',
        atLeast: 0.14,
      },
      {
        what: 'loss of UDP at a fixed load over a bridge',
        scenario: 'same-host/bridge',
        workload: 'udp-load',
        metric: 'loss',
        atLeast: 0.14,
      },
    ],
    believe:
      'DNAT rewrites packets and drops none. Who loses 14 % offers more than the receiver takes, or has a full connection table: look at both before blaming the bridge.',
  },
];
