import { inWords } from '../../results/reasons.ts';
import { type Histogram, type Metric, mostOfAFigure, type Timeline } from '../../results/schema.ts';
import type { TrialWarning } from '../../results/warnings.ts';
import type { Outcome } from './workload.ts';

/** A metric without its value: what a workload promises. */
export type MetricKind = Omit<Metric, 'value'>;

/** Every metric that a data-plane workload may yield, by name. */
export const kinds = {
  /** Payload that reached the receiver, never what the sender handed to its kernel. */
  goodput: { name: 'goodput', unit: 'bit/s', better: 'higher' },
  goodputForward: { name: 'goodput-forward', unit: 'bit/s', better: 'higher' },
  goodputReverse: { name: 'goodput-reverse', unit: 'bit/s', better: 'higher' },
  /** `neither`: it is zero on most trials, where a ratio to the baseline means nothing. */
  retransmits: { name: 'retransmits', unit: 'count', better: 'neither' },
  mss: { name: 'mss', unit: 'byte', better: 'neither' },
  /** `neither` for the same reason as `retransmits`. */
  loss: { name: 'loss', unit: 'ratio', better: 'neither' },
  jitter: { name: 'jitter', unit: 's', better: 'lower' },
  /** Jain's index of the pairs' shares: 1 where all got the same, 1/N where one got everything. */
  fairness: { name: 'fairness', unit: 'ratio', better: 'higher' },
  packets: { name: 'packets', unit: '1/s', better: 'higher' },
  transactions: { name: 'transactions', unit: '1/s', better: 'higher' },
  requests: { name: 'requests', unit: '1/s', better: 'higher' },
  queries: { name: 'queries', unit: '1/s', better: 'higher' },
  latencyP50: { name: 'latency-p50', unit: 's', better: 'lower' },
  latencyP90: { name: 'latency-p90', unit: 's', better: 'lower' },
  latencyP99: { name: 'latency-p99', unit: 's', better: 'lower' },
  latencyMax: { name: 'latency-max', unit: 's', better: 'lower' },
  connections: { name: 'connections', unit: '1/s', better: 'higher' },
  rttMin: { name: 'rtt-min', unit: 's', better: 'lower' },
  rttP50: { name: 'rtt-p50', unit: 's', better: 'lower' },
  rttP90: { name: 'rtt-p90', unit: 's', better: 'lower' },
  rttP99: { name: 'rtt-p99', unit: 's', better: 'lower' },
  rttP999: { name: 'rtt-p99.9', unit: 's', better: 'lower' },
  rttP9999: { name: 'rtt-p99.99', unit: 's', better: 'lower' },
  rttMax: { name: 'rtt-max', unit: 's', better: 'lower' },
  /** Loaded median less idle median. It may be negative by noise, so a ratio of two of them means nothing. */
  rttRise: { name: 'rtt-rise', unit: 's', better: 'neither' },
  /** Cores kept busy by the tool's own process at the sending end (1 is one whole core). */
  cpuClient: { name: 'cpu-client', unit: 'ratio', better: 'neither' },
  cpuServer: { name: 'cpu-server', unit: 'ratio', better: 'neither' },
} as const satisfies Record<string, MetricKind>;

/** A parsed tool output before it is an outcome. */
export type Parsed =
  | {
      readonly type: 'parsed';
      readonly metrics: readonly Metric[];
      readonly histogram?: Histogram;
      readonly timeline?: Timeline;
      readonly payloadBytes?: number;
      readonly transactions?: number;
      readonly measuredSeconds?: number;
      readonly warnings: readonly TrialWarning[];
    }
  | { readonly type: 'refused'; readonly reason: string };

/** A metric with its value, in the base unit of its kind. */
export function measured(kind: MetricKind, value: number): Metric {
  return { ...kind, value };
}

/** What stands in the record for an output that was not what it had to be. */
export function refused(reason: string): Parsed {
  return { type: 'refused', reason };
}

/** A parsed output as the outcome of a trial; a value that can't be is a surprise like any other. */
export function toOutcome(parsed: Parsed, raw: string): Outcome {
  if (parsed.type === 'refused') return { type: 'failed', reason: inWords(parsed.reason), raw };
  const odd = parsed.metrics.find(({ value }) => !(Math.abs(value) <= mostOfAFigure));
  if (odd) {
    const reason = inWords(`The tool gave no possible value for ${odd.name}: ${odd.value}.`);
    return { type: 'failed', reason, raw };
  }
  const { type: _, ...rest } = parsed;
  return { type: 'measured', ...rest, raw };
}
