import { setTimeout as delay } from 'node:timers/promises';
import { percentileNanoseconds } from '../../results/statistics/histogram.ts';
import { kinds, measured } from './metrics.ts';
import { rttKinds } from './rtt-metrics.ts';
import { iperf3Server, runIperf3 } from './tools/iperf3.ts';
import { irttServer, measureIrtt } from './tools/irtt.ts';
import type { Outcome, TrialSettings, Workload, WorkloadPair } from './workload.ts';

/** The stream's slow start is over by then. */
const rampSeconds = 0.3;

/** Round-trip times while a TCP stream fills the same path, and how far they rise over idle. */
export const rttLoaded: Workload = {
  id: 'rtt-loaded',
  summary:
    'rtt-open first on the idle path, then while one TCP stream sends as fast as it can (irtt beside iperf3); the rise is the difference of the medians.',
  caveat:
    'Where both ends share a few cores the rise is mostly waiting for a core, not queueing in the network. The load starts 0.3 s before the loaded round trips count.',
  metrics: [...rttKinds, kinds.rttRise, kinds.loss, kinds.goodput],
  servers: (pair) => [irttServer(pair), iperf3Server(pair, 'iperf3-b')],
  measure: measureLoaded,
};

const medianNanoseconds = (outcome: Outcome) =>
  outcome.type === 'measured' && outcome.histogram
    ? percentileNanoseconds(outcome.histogram, 0.5)
    : undefined;

async function measureLoaded(pair: WorkloadPair, settings: TrialSettings): Promise<Outcome> {
  const idle = await measureIrtt(pair, settings);
  if (idle.type === 'failed') return { ...idle, reason: `On the idle path: ${idle.reason}` };
  const loadSeconds = Math.ceil(settings.durationSeconds + rampSeconds + 0.2);
  const load = runIperf3(
    pair,
    { streams: 1, direction: 'forward' },
    { durationSeconds: loadSeconds, omitSeconds: 0 },
    'iperf3-b',
  );
  // A rejection while irtt runs must not go unhandled; it is thrown where it is awaited.
  load.catch(() => undefined);
  await delay(rampSeconds * 1000);
  const loaded = await measureIrtt(pair, settings);
  const stream = await load;
  const raw = [idle, loaded, stream].map((outcome) => outcome.raw).join('\n');
  if (loaded.type === 'failed') return { ...loaded, reason: `Under load: ${loaded.reason}`, raw };
  if (stream.type === 'failed') return { ...stream, reason: `The load failed: ${stream.reason}`, raw };
  const [idleMedian, loadedMedian] = [medianNanoseconds(idle), medianNanoseconds(loaded)];
  const goodput = stream.metrics.filter((metric) => metric.name === kinds.goodput.name);
  const rise =
    idleMedian === undefined || loadedMedian === undefined
      ? []
      : [measured(kinds.rttRise, (loadedMedian - idleMedian) / 1e9)];
  return {
    ...loaded,
    metrics: [...loaded.metrics, ...rise, ...goodput],
    payloadBytes: (loaded.payloadBytes ?? 0) + (idle.payloadBytes ?? 0) + (stream.payloadBytes ?? 0),
    warnings: [...loaded.warnings, ...stream.warnings],
    raw,
  };
}
