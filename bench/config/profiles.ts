/** How much a run measures; what a flag or a configuration file says goes before it. */
export interface Profile {
  readonly summary: string;
  readonly blocks: number;
  /** As many blocks as about fit so many minutes, and no fewer than `blocks`; absent: `blocks` of them. */
  readonly minutes?: number;
  readonly blocksPerGeneration: number;
  readonly durationSeconds: number;
  readonly omitSeconds: number;
  /** Measured in every block. */
  readonly workloads: readonly string[];
  /** Measured in one block of each generation of containers: figures for which wider intervals will do. */
  readonly occasional?: readonly string[];
  /** A trial in which other programs took more of a machine's CPU (0 to 1) does not count; absent: each does. */
  readonly maxForeignCpuShare?: number;
}

export const profiles = {
  quick: {
    summary: 'every network, throughput and round trips: about four minutes',
    blocks: 4,
    blocksPerGeneration: 4,
    durationSeconds: 1,
    omitSeconds: 0,
    workloads: ['tcp-stream', 'tcp-rr'],
  },
  standard: {
    summary: 'most workloads, enough blocks for 95 % intervals: about twenty minutes',
    blocks: 6,
    blocksPerGeneration: 3,
    durationSeconds: 1,
    omitSeconds: 0,
    // sockperf's `rtt` spends 2.4 s of every trial on waiting, so it is left to `publish`.
    workloads: ['tcp-stream', 'tcp-rr', 'tcp-crr', 'rtt-open'],
    occasional: [
      'tcp-stream-N',
      'tcp-stream-reverse',
      'tcp-stream-bidir',
      'udp-load',
      'udp-rr',
      'http-keepalive',
      'http-close',
      'http-1m',
      'dns',
    ],
  },
  gate: {
    summary: 'throughput and round trips of the networks that gate, as many blocks as fit ten minutes',
    blocks: 12,
    minutes: 10,
    blocksPerGeneration: 5,
    durationSeconds: 1,
    omitSeconds: 0,
    workloads: ['tcp-stream', 'tcp-rr'],
  },
  publish: {
    summary: 'everything, often enough for narrow intervals: some hours',
    blocks: 30,
    blocksPerGeneration: 5,
    durationSeconds: 2,
    omitSeconds: 0,
    workloads: ['*'],
    // From here on a report warns: figures to be published were measured on a machine that did nothing else.
    maxForeignCpuShare: 0.05,
  },
} as const satisfies Record<string, Profile>;

/** The profile of that name, which the configuration has checked. */
export const profileOf = (name = 'quick'): Profile => profiles[name as ProfileName];

export type ProfileName = keyof typeof profiles;
export const profileNames = Object.keys(profiles) as ProfileName[];
