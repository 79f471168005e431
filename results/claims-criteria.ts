/**
 * What decides a claim about speed. Costs are ratios minus one against the other network, positive is worse, as
 * everywhere in Tare. An interval on one side of the bound decides; one that straddles it does not.
 */
export interface Criterion {
  /** `at-most`: true if the cost is at most this much. `more-than`: true if it is more than that. */
  readonly type: 'at-most' | 'more-than';
  readonly cost: number;
  /** Why this bound; the guide names none. */
  readonly why: string;
}

/** Confidence that an interval must hold to decide a claim; 95 % as in all reports. Six blocks reach it. */
export const leastConfidence = 0.95;

/** One figure behind a statement: a metric of one scenario against another, or by itself. */
export interface FigurePlan {
  readonly what: string;
  readonly scenario: string;
  /** Absent for figures that have nothing to be compared with. */
  readonly against?: string;
  readonly workload: string;
  readonly metric: string;
  /** Absent where the figure is shown but decides nothing. */
  readonly criterion?: Criterion;
}

export interface ClaimFigurePlan extends FigurePlan {
  /** Number in the guide's list. */
  readonly claim: number;
}

/**
 * Host networking with segments as small as an overlay's. The engine gives an overlay an MTU of 1,450 bytes whatever
 * the underlay's (1,500 less 50 for VXLAN over IPv4, RFC 7348), so its TCP announces 1,450 − 40 bytes.
 */
export const equalMssScenario = 'cross-host/host@mss=1410';

/** Numbers of filter rules whose cost is measured. */
const ruleCounts = [100, 1000, 10_000];

const fast: Criterion = {
  type: 'at-most',
  cost: 0.5,
  why: 'fast: the host network is at most one and a half times as fast',
};
const dearer: Criterion = { type: 'more-than', cost: 0, why: 'there is an overhead: the cost is above zero' };
const matters: Criterion = {
  type: 'more-than',
  cost: 0.03,
  why: 'an overhead that matters: above 3 %, Tare’s usual smallest change that matters',
};
const free: Criterion = {
  type: 'at-most',
  cost: 0.05,
  why: 'no cost: at most 5 %, which no short run tells from nothing',
};

const speeds = [
  { metric: 'goodput', workload: 'tcp-stream', name: 'throughput' },
  { metric: 'transactions', workload: 'tcp-rr', name: 'round trips' },
] as const;
const cpu = { metric: 'cpu-per-gb', workload: 'tcp-stream', name: 'CPU per GB' } as const;

type Measure = (typeof speeds)[number] | typeof cpu;

function figures(
  claim: number,
  what: string,
  [scenario, against]: readonly [string, string],
  measures: readonly Measure[],
  criterion?: Criterion,
): ClaimFigurePlan[] {
  return measures.map(({ name, workload, metric }) => ({
    claim,
    what: `${what}: ${name}`,
    scenario,
    against,
    workload,
    metric,
    ...(criterion && { criterion }),
  }));
}

/** Every figure behind a claim, with the criterion that it must meet where it decides. */
export const claimFigures: readonly ClaimFigurePlan[] = [
  ...figures(1, 'bridge against host', ['same-host/bridge', 'same-host/host'], speeds, fast),
  ...figures(1, 'bridge against host', ['same-host/bridge', 'same-host/host'], [cpu]),
  ...figures(
    4,
    'DNAT path, from the host’s namespace, against the direct one',
    ['same-host/bridge-published', 'same-host/bridge'],
    speeds,
  ),
  ...figures(
    4,
    'userland proxy, from the host’s namespace, against the direct path',
    ['same-host/bridge-proxy', 'same-host/bridge'],
    speeds,
  ),
  ...figures(
    4,
    'published port against host, across hosts',
    ['cross-host/bridge-published', 'cross-host/host'],
    speeds,
  ),
  ...figures(
    5,
    'bridge against host, which is what host skips',
    ['same-host/bridge', 'same-host/host'],
    [...speeds, cpu],
    dearer,
  ),
  ...figures(
    5,
    'host against the machine without containers',
    ['same-host/host', 'same-host/bare'],
    [...speeds, cpu],
  ),
  ...figures(9, 'overlay against host', ['cross-host/overlay', 'cross-host/host'], speeds, matters),
  ...figures(9, 'overlay against host', ['cross-host/overlay', 'cross-host/host'], [cpu]),
  ...figures(
    9,
    'host with the overlay’s segment size against host: the header’s share',
    [equalMssScenario, 'cross-host/host'],
    [speeds[0], cpu],
  ),
  ...figures(
    9,
    'overlay against host at equal segment size: the CPU’s share',
    ['cross-host/overlay', equalMssScenario],
    [speeds[0], cpu],
  ),
  ...figures(
    10,
    'encrypted overlay against plain',
    ['cross-host/overlay-encrypted', 'cross-host/overlay'],
    [...speeds, cpu],
  ),
  ...figures(13, 'macvlan against host', ['cross-host/macvlan', 'cross-host/host'], [...speeds, cpu]),
  {
    claim: 15,
    what: 'the embedded resolver’s answer on a user-defined bridge, median',
    scenario: 'same-host/bridge',
    workload: 'dns',
    metric: 'latency-p50',
  },
  ...figures(
    18,
    'two networks against one',
    ['same-host/bridge@networks=2', 'same-host/bridge'],
    speeds,
    free,
  ),
  ...ruleCounts.flatMap((count) =>
    figures(
      19,
      `${count.toLocaleString('en')} filter rules against none`,
      [`same-host/bridge@rules=${count}`, 'same-host/bridge'],
      speeds,
    ),
  ),
];

/** Claims that a proven path confirms: packets went the way that the guide tells of. */
export const claimPaths: readonly {
  readonly claim: number;
  readonly what: string;
  readonly scenarios: readonly string[];
}[] = [
  {
    claim: 4,
    what: 'a published port is reached through the DNAT rule',
    scenarios: ['cross-host/bridge-published', 'same-host/bridge-published'],
  },
];

/** Scenarios that all of this needs, each once. */
export function claimScenarios(): string[] {
  const named = claimFigures.flatMap(({ scenario, against }) => [scenario, against ?? scenario]);
  return [...new Set([...named, ...claimPaths.flatMap(({ scenarios }) => scenarios)])];
}

/** Workloads that all of this needs, each once. */
export function claimWorkloads(): string[] {
  return [...new Set(claimFigures.map(({ workload }) => workload))];
}
