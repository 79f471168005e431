import type { CountedUnit } from '../../results/counted-figures.ts';
import { kinds, type MetricKind, measured, toOutcome } from './metrics.ts';
import {
  type NetperfTest,
  netperfArgv,
  netperfStreamArgv,
  netserver,
  parseNetperf,
} from './tools/netperf.ts';
import type { CountedWork, Workload } from './workload.ts';

const perSecond = (kind: MetricKind) => (secondsPerUnit: number) => measured(kind, 1 / secondsPerUnit);

/** After the last mark, so that the tool still runs as it is made. */
const callsAfter = 40;

/** All calls of a run of the tool. */
export const callsOf = ({ warmUpCalls, windowCalls }: CountedWork): number =>
  warmUpCalls + windowCalls[1] + callsAfter;

/**
 * Request and response, or a connection for each: as many as make the work of timers and of the kernel's own batches,
 * which comes by time and by dozens, small beside them.
 */
export function countedNetperf(
  test: NetperfTest,
  unit: CountedUnit,
  rate: MetricKind,
  windowCalls: readonly [number, number],
): CountedWork {
  return {
    ...{ unit, unitsPerCall: 1, windowCalls, task: 'netperf', rate: perSecond(rate) },
    call: test === 'tcp-crr' ? 'connect' : 'sendto',
    warmUpCalls: 100,
    argv: (pair, calls) => netperfArgv(pair, test, { transactions: calls }),
    parse: (stdout) => toOutcome(parseNetperf(stdout, test), stdout),
  };
}

/** Bytes that netperf's client writes at once. */
const streamWriteBytes = 16_384;

/** A stream by netperf, since it sends a number of bytes in writes of one size and nothing else. */
export const countedStream: CountedWork = {
  ...{ unit: 'KiB', unitsPerCall: streamWriteBytes / 1024, task: 'netperf', call: 'sendto' },
  warmUpCalls: 2000,
  windowCalls: [1000, 17_000],
  rate: (secondsPerUnit) => measured(kinds.goodput, (1024 * 8) / secondsPerUnit),
  servers: (place) => [netserver(place)],
  argv: (pair, calls) => netperfStreamArgv(pair, calls * streamWriteBytes, streamWriteBytes),
  parse: (raw, calls) => ({
    ...{ type: 'measured', metrics: [], payloadBytes: calls * streamWriteBytes, warnings: [], raw },
  }),
};

/** A workload as it runs on a machine that is counted. */
export function asCounted(workload: Workload): Workload {
  const servers = workload.counted?.servers;
  return servers ? { ...workload, servers } : workload;
}
