import { z } from 'zod';
import type { Topology } from './scenario.ts';

/** What surrounds each packet between hosts. */
const encapsulationSchema = z.strictObject({
  /** Bytes over IPv4. The engine takes them off the MTU that it is given for such a network. */
  bytes: z.number().int().positive(),
  /** The network's own MTU is rounded down to a multiple of this; absent: it is not rounded. */
  mtuMultipleOf: z.number().int().positive().optional(),
});
export type Encapsulation = z.infer<typeof encapsulationSchema>;

/**
 * What a network is and what it gives, as its driver says of itself. Advice, charts, sanity rules and workloads go by
 * this and by no driver's id. What is absent it is not or has not.
 */
export const networkTraitsSchema = z.strictObject({
  /**
   * The network stack that the ends use: the `machine`'s, without any container; the `host`'s; one that both `shared`;
   * each its `own`.
   */
  stack: z.enum(['machine', 'host', 'shared', 'own']),
  /** Its segment is its own, not one that other machines stand on. */
  isolates: z.boolean().optional(),
  /** The server has a name in it that the engine's resolver gives the client. */
  naming: z.boolean().optional(),
  /** The engine publishes the server's ports: where the other host reaches them, or on the server's host alone. */
  publishes: z.enum(['underlay', 'loopback']).optional(),
  /** Each container has a MAC address of its own on the hosts' segment. */
  ownMac: z.boolean().optional(),
  /** Nobody between the hosts can read its packets; its witness proves it of each trial. */
  encrypts: z.boolean().optional(),
  /** Id of the driver that is like it but for encryption, which tells what that costs. */
  plainDriver: z.string().optional(),
  encapsulates: encapsulationSchema.optional(),
  /** Only engines in a swarm have it. */
  swarm: z.boolean().optional(),
  /** What one gives up with it, in a few words each. */
  givesUp: z.array(z.string()).readonly(),
});
export type NetworkTraits = z.infer<typeof networkTraitsSchema>;

/** A network that can be had somewhere, whether or not a run measured it. */
export interface KnownNetwork {
  readonly topology: Topology;
  readonly driver: string;
  readonly traits: NetworkTraits;
}

/** The questions that advice orders networks by. */
export const costMeasureNames = ['throughput', 'latency', 'cpu', 'connections'] as const;
export type CostMeasure = (typeof costMeasureNames)[number];

/** What CPU time per gigabyte is called where all networks carry one rate: it is what such a workload is about. */
export const equalLoadMetric = 'cpu-per-gb-at-equal-load';

/** All that readers come with: those, and what is only looked at. */
export const questionNames = [...costMeasureNames, 'rtt-p50', 'rtt-p99', 'loaded-latency'] as const;
export type Question = (typeof questionNames)[number];

/** A question that one of a workload's metrics answers. */
const answerSchema = z.strictObject({
  question: z.enum(questionNames),
  metric: z.string(),
  /** Of all that answer it in a run, the one with the least rank stands for the answer. */
  rank: z.number().int().positive(),
});

/** What others go by in a workload, as it says of itself. */
export const workloadTraitsSchema = z.strictObject({
  /** Name of the metric that gates it; absent: its first. */
  primaryMetric: z.string().optional(),
  /** The questions that readers come with and its figures answer; absent: none. */
  answers: z.array(answerSchema).readonly().optional(),
  /** Metrics that are drawn together where it is varied; absent: its first alone. */
  followed: z.array(z.string()).readonly().optional(),
  /** One connection carries all its bytes as fast as it can, so that one core of the tool's may be its limit. */
  isOneConnection: z.boolean().optional(),
  /** It offers every network the plan's `offeredBitsPerSecond`: runs that offered otherwise do not compare. */
  offersFixedLoad: z.boolean().optional(),
  /**
   * Id of the workload that tells what the networks of a topology sustain, where this one offers all of them one share of
   * that: its trials come after that one's in each block, and CPU time per gigabyte has a name of its own in them.
   */
  atEqualLoadOf: z.string().optional(),
});
export type WorkloadTraits = z.infer<typeof workloadTraitsSchema>;
