import { kinds } from './metrics.ts';
import { rttKinds } from './rtt-metrics.ts';
import { irttServer, measureIrtt } from './tools/irtt.ts';
import type { Workload } from './workload.ts';

/** Round-trip times at a fixed rate, counted from when each request was due. */
export const rttOpen: Workload = {
  id: 'rtt-open',
  summary:
    'A 64-byte UDP request falls due every two milliseconds, whether or not earlier ones were answered; requests that a stalled client leaves out count with their wait (irtt).',
  caveat:
    'irtt’s Go runtime adds some tens of microseconds over sockperf, at both ends of every scenario alike. Lost requests are in the loss, not in the percentiles. One second gives about 500 samples: p99 and beyond come from the merged histogram.',
  traits: {
    // A closed loop leaves out the requests that a stall would have delayed, so that its tail understates.
    answers: [{ question: 'rtt-p99', metric: kinds.rttP99.name, rank: 1 }],
  },
  metrics: [...rttKinds, kinds.loss],
  servers: (pair) => [irttServer(pair)],
  measure: measureIrtt,
};
