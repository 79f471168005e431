import { z } from 'zod';
import type { FunctionCount } from './function-counts.ts';
import type { Immutable } from './immutable.ts';
import { trialReasonSchema, unsupportedReasonSchema } from './reasons.ts';
import { networkTraitsSchema, workloadTraitsSchema } from './traits.ts';
import { runWarningSchema, trialWarningSchema } from './warnings.ts';

/** Raised with each incompatible change of the record; older versions are migrated or refused by name. */
export const schemaVersion = 3;

export const unitSchema = z.enum([
  'bit/s',
  's',
  'ratio',
  'count',
  'byte',
  '1/s',
  's/GB',
  's/transaction',
  'instructions',
]);
export type Unit = z.infer<typeof unitSchema>;

/** More than anything that a network does in any of the units: a figure beyond it is a tool's or a file's fault. */
export const mostOfAFigure = 1e18;

export const metricSchema = z.strictObject({
  /** `goodput`, `rtt-p50`, `transactions`, `retransmits`, … */
  name: z.string().min(1),
  unit: unitSchema,
  better: z.enum(['higher', 'lower', 'neither']),
  /** In base units (bit/s, seconds, ratio, count). Always possible: what is missing is absent. */
  value: z.number().min(-mostOfAFigure).max(mostOfAFigure),
});
export type Metric = z.infer<typeof metricSchema>;

/** Log-linear histogram of durations: each bucket's lower edge in nanoseconds and its count, ascending. */
export const histogramSchema = z.strictObject({
  metric: z.string().min(1),
  /** Values are exact to one part in 2^precisionBits. */
  precisionBits: z.number().int().min(4).max(12),
  buckets: z.array(z.tuple([z.number().nonnegative(), z.number().int().positive()])),
});
export type Histogram = z.infer<typeof histogramSchema>;

const moment = z.number().nonnegative();

/** How figures went within one trial, in seconds since its first sample; compact, for drawing. */
export const timelineSchema = z.strictObject({
  /** Stretches that have a name: `load`. */
  spans: z.array(z.strictObject({ name: z.string().min(1), fromSeconds: moment, toSeconds: moment })),
  series: z.array(
    z.strictObject({
      /** `rtt`, `sent`. */
      name: z.string().min(1),
      unit: unitSchema,
      /** Width of a bin in seconds; bins of all trials of a workload lie alike. */
      binSeconds: z.number().positive(),
      /** Number of the bin from 0 → its middle value; bins without a sample are absent. */
      bins: z.array(z.tuple([z.number().int().nonnegative(), z.number()])),
    }),
  ),
});
export type Timeline = z.infer<typeof timelineSchema>;

/** CPU seconds of one whole machine over the trial, from /proc/stat. */
export const cpuSchema = z.strictObject({
  /** Boot id: engines with one boot id share a machine and are counted once. */
  machine: z.string(),
  wallSeconds: z.number().positive(),
  cores: z.number().int().positive(),
  userSeconds: z.number().nonnegative(),
  systemSeconds: z.number().nonnegative(),
  softirqSeconds: z.number().nonnegative(),
  irqSeconds: z.number().nonnegative(),
  stealSeconds: z.number().nonnegative(),
  idleSeconds: z.number().nonnegative(),
  /** Busy share (0 to 1) of each core. */
  busyPerCore: z.array(z.number().min(0).max(1.05)),
  /** Softirq share (0 to 1) of each core. */
  softirqPerCore: z.array(z.number().min(0).max(1.05)),
});
export type Cpu = z.infer<typeof cpuSchema>;

/** CPU time of one machine over the trial that was not the trial's own: other programs', other containers'. */
export const foreignCpuSchema = z.strictObject({
  /** Boot id, as in `cpu`. */
  machine: z.string(),
  /** Of all cores' time, 0 to 1. */
  share: z.number().min(0).max(1),
  cpuSeconds: z.number().nonnegative(),
  /** The programs that used most of it, by the name that each gives itself, the greediest first. */
  top: z.array(z.strictObject({ name: z.string().min(1), cpuSeconds: z.number().nonnegative() })).max(8),
  /** What Tare itself used there, which is no foreign load; absent where it runs on another machine. */
  tareCpuSeconds: z.number().nonnegative().optional(),
});
export type ForeignCpu = z.infer<typeof foreignCpuSchema>;

const shareOfLooks = z.number().min(0).max(1);

/** On which cores the two ends of a trial ran, by looks while it was measured; softirqs are in `cpu`. */
export const placementSchema = z.strictObject({
  /** Looks at which both ends had been at work since the one before. */
  looks: z.number().int().positive(),
  /** Share of the looks at which both ran on one core. */
  togetherShare: shareOfLooks,
  /** Share of the looks at which an end ran on each core, from core 0 on. */
  serverPerCore: z.array(shareOfLooks),
  clientPerCore: z.array(shareOfLooks),
});
export type Placement = z.infer<typeof placementSchema>;

/** One counter or capture finding, with what was expected of it. */
export const witnessCheckSchema = z.strictObject({
  /** Stable name: `underlay-esp-bytes`, `veth-server-rx-bytes`, `canary-clear`. */
  name: z.string(),
  expected: z.string(),
  observed: z.string(),
  holds: z.boolean(),
});

export const witnessSchema = z.strictObject({
  verdict: z.enum(['proven', 'refuted', 'unobserved']),
  /** One sentence a person understands. */
  summary: z.string(),
  /** For `refuted`: the check that tells most plainly that the path was another, and what it means. Absent in older runs. */
  refutedBy: z.strictObject({ check: z.string().min(1), meaning: z.string().min(1) }).optional(),
  checks: z.array(witnessCheckSchema),
  /** Raw counter deltas by name, in bytes, packets or seconds as the name says. */
  counters: z.record(z.string(), z.number()),
});
export type Witness = z.infer<typeof witnessSchema>;

/** Which of two configurations measured side by side a scenario or trial belongs to. */
export const armSchema = z.enum(['base', 'head']);
export type Arm = z.infer<typeof armSchema>;

const trialBase = {
  /** Block number from 0; −1 is the discarded warm-up. */
  block: z.number().int().min(-1),
  /** Position in the run, from 0, warm-up included. */
  order: z.number().int().nonnegative(),
  /**
   * Chain number within the block. In a chain one workload alternates between the baseline and the scenarios of one
   * topology (B S₁ B S₂ B …): each scenario's trial is compared with the baseline's trials just before and after it.
   */
  chain: z.number().int().nonnegative(),
  scenario: z.string(),
  workload: z.string(),
  /** Which of two compared configurations this is, in a live A/B run. */
  arm: armSchema.optional(),
  /** Pair generation: raised each time the scenario's containers are made anew. */
  generation: z.number().int().nonnegative(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  /** Wall seconds of the whole trial. */
  wallSeconds: z.number().nonnegative(),
  /** Seconds that the tool measured. */
  measuredSeconds: z.number().nonnegative(),
  warnings: z.array(trialWarningSchema),
};

/** One of a counted trial's two windows, which begin together and end apart, each at a call of the running tool. */
const countedWindowSchema = z.strictObject({
  /** Units of work done in it, as the workload names them. */
  units: z.number().int().nonnegative(),
  /** All that the guest executed in it, what is set aside included. */
  instructions: z.number().nonnegative(),
  /** Counted seconds: a nanosecond of the guest for each of its instructions, and what it slept. */
  seconds: z.number().nonnegative(),
});

/**
 * What a trial on a counted machine took: the difference of two windows, in which start and end of the tool cancel.
 * Counted time ranks paths by their length in instructions; it is no stopwatch's.
 */
export const countedSchema = z.strictObject({
  unit: z.enum(['transaction', 'connection', 'KiB', 'query']),
  /** (I₂ − I₁) / (n₂ − n₁), without what is set aside. */
  instructionsPerUnit: z.number().nonnegative(),
  /** The same of counted seconds. */
  secondsPerUnit: z.number().nonnegative(),
  windows: z.tuple([countedWindowSchema, countedWindowSchema]),
  /** Work of the kernel's own workers that happened to fall into the windows: told by name, not in the figures. */
  setAside: z.array(
    z.strictObject({
      name: z.string().min(1),
      /** Difference of the windows, which may be negative. */
      instructions: z.number(),
    }),
  ),
  /** Which of several guests of one snapshot, from 0; absent where the run has one only, which its `machine` names. */
  guest: z.number().int().nonnegative().optional(),
});

export const measurementSchema = z.strictObject({
  metrics: z.array(metricSchema).min(1),
  histogram: histogramSchema.optional(),
  timeline: timelineSchema.optional(),
  cpu: z.array(cpuSchema),
  /** One for each machine whose processes could be read. */
  foreignCpu: z.array(foreignCpuSchema).optional(),
  /** Absent in older runs, and where both ends were not in containers on Tare's own machine, or were hardly at work. */
  placement: placementSchema.optional(),
  payloadBytes: z.number().nonnegative().optional(),
  transactions: z.number().nonnegative().optional(),
  /** Absent where a clock on the wall was read: all figures of a trial that has it are in counted time. */
  counted: countedSchema.optional(),
});

export const trialSchema = z.discriminatedUnion('status', [
  z.strictObject({
    ...trialBase,
    status: z.literal('ok'),
    ...measurementSchema.shape,
    witness: witnessSchema.optional(),
  }),
  /** Measured, but not what it claims to be: in the record, in no statistic. */
  z.strictObject({
    ...trialBase,
    status: z.literal('invalid'),
    reason: trialReasonSchema,
    ...measurementSchema.shape,
    witness: witnessSchema.optional(),
  }),
  z.strictObject({
    ...trialBase,
    status: z.literal('failed'),
    reason: trialReasonSchema,
    /** Set where an engine had gone: `--resume` measures the trial again, and its later line counts. */
    engineGone: z.literal(true).optional(),
  }),
]);
export type Trial = z.infer<typeof trialSchema>;
export type OkTrial = Extract<Trial, { status: 'ok' }>;

export const scenarioPlanSchema = z.discriminatedUnion('status', [
  z.strictObject({
    id: z.string(),
    topology: z.enum(['same-host', 'cross-host']),
    driver: z.string(),
    options: z.record(z.string(), z.string()),
    /** As its driver gives them. Absent in runs of before they were recorded, which are known by the driver's id. */
    traits: networkTraitsSchema.optional(),
    arm: armSchema.optional(),
    status: z.literal('ready'),
    isBaseline: z.boolean(),
  }),
  z.strictObject({
    id: z.string(),
    topology: z.enum(['same-host', 'cross-host']),
    driver: z.string(),
    options: z.record(z.string(), z.string()),
    traits: networkTraitsSchema.optional(),
    arm: armSchema.optional(),
    status: z.literal('unsupported'),
    reason: unsupportedReasonSchema,
  }),
]);
export type ScenarioPlan = Immutable<z.infer<typeof scenarioPlanSchema>>;

export const workloadPlanSchema = z.strictObject({
  id: z.string(),
  durationSeconds: z.number().positive(),
  omitSeconds: z.number().nonnegative(),
  /** Measured in one block of so many, the first of each; absent where it is measured in every block. */
  everyBlocks: z.number().int().positive().optional(),
  /** As it gives them. Absent in runs of before they were recorded, which are known by its id. */
  traits: workloadTraitsSchema.optional(),
});

/** How a live comparison is judged. */
export const gateRulesSchema = z.strictObject({
  /** Smallest change that matters, as a ratio minus one. */
  delta: z.number().positive(),
  /** Another delta for the metrics that fit a pattern; the first that fits counts. */
  deltas: z.array(z.strictObject({ metrics: z.string(), delta: z.number().positive() })).readonly(),
  alpha: z.number().gt(0).max(0.5),
  /** Patterns of the gating metrics; none: the first metric of each workload. */
  metrics: z.array(z.string()).readonly(),
  hostTolerance: z.number().positive(),
});

export const planSchema = z.strictObject({
  profile: z.string(),
  seed: z.number().int().nonnegative(),
  blocks: z.number().int().positive(),
  /** Containers are made anew every so many blocks, so that variance between creations is seen. */
  blocksPerGeneration: z.number().int().positive(),
  scenarios: z.array(scenarioPlanSchema),
  workloads: z.array(workloadPlanSchema),
  /** Combinations that make no sense, with the reason. */
  exclusions: z
    .array(z.strictObject({ scenario: z.string(), workload: z.string(), reason: z.string() }))
    .optional(),
  /** topology → scenario id of its baseline. */
  baselines: z.partialRecord(z.enum(['same-host', 'cross-host']), z.string()),
  offeredBitsPerSecond: z.number().positive(),
  /** Numbers of blocks after which a live comparison is looked at and may end; the last is the number of blocks. */
  looks: z.array(z.number().int().positive()).min(1).optional(),
  /** How a live comparison is judged, declared before it is measured. Absent in runs of before it was recorded. */
  gate: gateRulesSchema.optional(),
  /** A trial in whose wall time more than this share of CPU was stolen is invalid. */
  maxStealShare: z.number().min(0).max(1),
  /** A trial is invalid in which other programs took more than this share of a machine's CPU; absent: none is for that. */
  maxForeignCpuShare: z.number().min(0).max(1).optional(),
  /**
   * A trial is invalid in which Tare or its machine stood still for longer, or the clock was set by more, in seconds.
   * Absent in runs of before this was looked at.
   */
  maxStandstillSeconds: z.number().positive().optional(),
});
/** Made once, before anything is measured; nothing changes it afterwards. */
export type Plan = Immutable<z.infer<typeof planSchema>>;

/** What one engine and its machine were like. Values that could not be read are absent. */
export const fingerprintSchema = z.strictObject({
  engine: z.string(),
  role: z.enum(['same-host', 'cross-host-server', 'cross-host-client']),
  engineVersion: z.string(),
  apiVersion: z.string(),
  /** Boot id of its kernel. */
  machine: z.string(),
  kernel: z.string(),
  emulated: z.boolean(),
  imageId: z.string(),
  /** `sysctl/net.core.rmem_max`, `mtu/eth0`, `offload/eth0/tso`, `tool/iperf3`, `cpu/model`, … */
  facts: z.record(z.string(), z.string()),
});
export type Fingerprint = Immutable<z.infer<typeof fingerprintSchema>>;

/** What was seen on the wire while 64 random bytes went through a pair and back, before it was first measured. */
export const canarySchema = z.strictObject({
  /** The bytes, as text. */
  text: z.string(),
  /** Whether they came back to the client. */
  returned: z.boolean(),
  /** VXLAN network identifier of the pair's overlay. */
  vni: z.number().int().nonnegative().optional(),
  /** One capture per engine; where both ends are on one it is the server's. */
  captures: z.array(
    z.strictObject({
      side: z.enum(['server', 'client']),
      /** Name in the run's `canary` folder. */
      file: z.string(),
      /** Interfaces of the host on which the bytes were seen unencrypted. */
      clearOn: z.array(z.string()),
      /** Packets on the underlay: clear VXLAN of the pair's network, and ESP. */
      vxlanPackets: z.number().int().nonnegative(),
      espPackets: z.number().int().nonnegative(),
    }),
  ),
});
export type Canary = Immutable<z.infer<typeof canarySchema>>;

const sideSchema = z.enum(['server', 'client']);
/** An end of a pair, and what lies on its side of the path. */
export type Side = z.infer<typeof sideSchema>;

/** One thing that packets pass on their way from client to server. */
export const hopSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('end'),
      side: sideSchema,
      interface: z.string().min(1).optional(),
      place: z.enum(['process', 'host-namespace']).optional(),
    })
    .describe(
      "The server or the client itself: by an interface of its container, as a process of this machine, or in the host's namespace.",
    ),
  z
    .strictObject({ kind: z.literal('veth'), side: sideSchema })
    .describe('A veth pair from a container to its host.'),
  z
    .strictObject({ kind: z.literal('bridge'), side: sideSchema.optional(), name: z.string().min(1) })
    .describe(
      'A bridge of the host, by the name that the engine knows its network by; without a side where it joins both ends.',
    ),
  z
    .strictObject({ kind: z.literal('overlay-bridge'), side: sideSchema.optional() })
    .describe(
      "The bridge in an overlay's own namespace; without a side where one node has both ends, so that nothing is encapsulated.",
    ),
  z.strictObject({ kind: z.literal('vxlan'), side: sideSchema }).describe('VXLAN is put on or taken off.'),
  z.strictObject({ kind: z.literal('esp'), side: sideSchema }).describe('IPsec ESP is put on or taken off.'),
  z
    .strictObject({ kind: z.literal('masquerade'), side: z.literal('client') })
    .describe("The client's host puts its own address in the place of the container's."),
  z
    .strictObject({ kind: z.literal('dnat'), side: z.literal('server') })
    .describe("The engine's rule that sends a published port to the container."),
  z
    .strictObject({ kind: z.literal('docker-proxy'), side: z.literal('server') })
    .describe("The engine's program that copies a published port's bytes."),
  z
    .strictObject({ kind: z.literal('loopback'), namespace: z.enum(['host', 'shared']) })
    .describe('Loopback, of the host or of the namespace that both ends share.'),
  z
    .strictObject({
      kind: z.literal('parent'),
      side: sideSchema.optional(),
      driver: z.enum(['macvlan', 'ipvlan']),
      name: z.string().min(1),
      /** The host sends the packets on by its own routes. */
      routed: z.literal(true).optional(),
    })
    .describe(
      'Interface of a host that macvlan or ipvlan stands on; without a side where both ends stand on it.',
    ),
  z
    .strictObject({ kind: z.literal('host-interface'), side: sideSchema, name: z.string().min(1) })
    .describe('Interface of a host towards the other host.'),
  z.strictObject({ kind: z.literal('underlay') }).describe('The network that joins the hosts.'),
  z
    .strictObject({ kind: z.literal('said'), text: z.string() })
    .describe('Words of an older record that nobody can read as data.'),
]);
export type Hop = z.infer<typeof hopSchema>;

/** A network that was there already, on which a pair stood. */
export const joinedSchema = z.strictObject({
  driver: z.string().min(1),
  /** No way out of it. */
  isInternal: z.boolean(),
  /** An overlay whose packets between hosts go through IPsec. */
  isEncrypted: z.boolean(),
  /** Interface of the host that it stands on. */
  parent: z.string().optional(),
  /** Other containers on it, of the server's engine alone; who they are is nobody's business. */
  others: z.number().int().nonnegative(),
});
export type Joined = z.infer<typeof joinedSchema>;

export const pairFactsSchema = z.strictObject({
  scenario: z.string(),
  /** Which of two compared configurations it belongs to, in a live A/B run. */
  arm: armSchema.optional(),
  /** As in its trials; absent in records of older versions, which kept a scenario's first pair only. */
  generation: z.number().int().nonnegative().optional(),
  /** Effective MTU in bytes: the smaller one of the ends' interfaces towards one another. */
  mtuBytes: z.number().int().positive().optional(),
  /** Address at which the server was reached. */
  serverAddress: z.string(),
  /** What packets pass from client to server, both ends included. */
  path: z.array(hopSchema),
  canary: canarySchema.optional(),
  /** Set where Tare did not make the network. Absent in older runs, which had no such pairs. */
  joined: joinedSchema.optional(),
});
export type PairFacts = Immutable<z.infer<typeof pairFactsSchema>>;

export const exposureSchema = z.strictObject({
  engine: z.string(),
  /** Address of the engine's host. */
  address: z.string(),
  firstPort: z.number().int().positive(),
  lastPort: z.number().int().positive(),
});
/** Where test servers took anybody's connections during a run, beyond the pairs' own networks and loopback. */
export type Exposure = Immutable<z.infer<typeof exposureSchema>>;

const recipePart = z.record(z.string().min(1), z.string());

/** What a machine of Tare's own is made of, by content and never by when it was made: equal recipes give equal figures. */
export const recipeIdentitySchema = z.strictObject({
  /** Of all that follows, as `sha256:…`. */
  digest: z.string().min(1),
  /** Debian package → version: kernel, engine, firewall tools, emulator. */
  packages: recipePart,
  /** What the machine holds besides → its sha256: scripts, agent, toolbox, counting plugin, daemon.json. */
  files: recipePart,
  /** `suite`, `tables`, `nodes`, `sysctl/net.core.rmem_max`, `emulator/cpu`, `emulator/icount`, … */
  options: recipePart,
});
export type RecipeIdentity = Immutable<z.infer<typeof recipeIdentitySchema>>;

/** The machine that a run was measured on, where it was one of Tare's own whose clock counts instructions. */
export const machineSchema = z.strictObject({
  kind: z.literal('counted'),
  recipe: recipeIdentitySchema,
  /** Guests of one snapshot have equal engine and boot ids: this number tells them apart. */
  guest: z.number().int().nonnegative(),
});
export type Machine = Immutable<z.infer<typeof machineSchema>>;

export const runSchema = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  id: z.string().min(1),
  tareVersion: z.string(),
  label: z.string(),
  startedAt: z.string(),
  /** Absent while the run is unfinished. */
  finishedAt: z.string().optional(),
  state: z.enum(['running', 'finished', 'interrupted', 'failed']),
  /** Words to type to make this run again. */
  command: z.string(),
  /** Made under an emulated kernel: its wall-clock figures rank nothing. */
  emulated: z.boolean(),
  /** Absent where the run was measured on the engines' own machines by the clock on the wall. */
  machine: machineSchema.optional(),
  plan: planSchema,
  /** How many trials the plan comes to, warm-up included; absent in runs of before it was noted. */
  trialsPlanned: z.number().int().nonnegative().optional(),
  fingerprints: z.array(fingerprintSchema),
  pairs: z.array(pairFactsSchema),
  /** topology → bit/s that workloads at equal load offer on each of its networks; settled once the first block has told. */
  equalLoadBitsPerSecond: z
    .partialRecord(z.enum(['same-host', 'cross-host']), z.number().positive())
    .optional(),
  /** Where test servers took anybody's connections, beyond the pairs' own networks and loopback; none in older records. */
  exposed: z.array(exposureSchema).optional(),
  /** Sum over trials of measured seconds, and wall seconds from start to end. */
  measuredSeconds: z.number().nonnegative(),
  wallSeconds: z.number().nonnegative(),
  /** What was noted as it was measured. */
  warnings: z.array(runWarningSchema),
});
export type Run = Immutable<z.infer<typeof runSchema>>;

/** What a record lacks of what its plan says it must hold. */
export interface Lack {
  /** Trials without a line; at least so many, where an older record does not tell how many were planned. */
  readonly missing: number;
  /** Trials that the record should hold. */
  readonly expected: number;
}

/** A whole run in memory: run.json and the lines of trials.ndjson. */
export interface RunRecord {
  readonly run: Run;
  readonly trials: readonly Trial[];
  /** What reading found to be missing of what the plan says; absent where nothing is. */
  readonly missing?: Lack;
  /** Of each counted trial, by its order, what the functions of its path took; absent where that was not read or kept. */
  readonly functions?: ReadonlyMap<number, readonly FunctionCount[]>;
}
