import { Bench, type Task } from 'tinybench';
import type { Metric } from '../../results/schema.ts';
import { median } from '../../results/statistics/order.ts';
import { iperf3Server } from './tools/iperf3.ts';
import type { ControlPlane, Outcome, Workload, WorkloadPair } from './workload.ts';

/** Operations, in the order in which they are timed. */
const operations = [
  'first-packet',
  'network-create',
  'network-connect',
  'network-disconnect',
  'network-remove',
] as const;
type Operation = (typeof operations)[number];

const shares = [
  { name: 'p50', share: 0.5 },
  { name: 'p90', share: 0.9 },
] as const;

const kind = (operation: Operation, percentile: string): Omit<Metric, 'value'> => ({
  name: `${operation}-${percentile}`,
  unit: 's',
  better: 'lower',
});

/** Rounds of each operation in one trial, besides one that warms up. */
const rounds = 5;

/** How long the engine takes to make, attach, detach and remove networks, and to bring a container's first packet across. */
export const controlPlane: Workload = {
  id: 'control-plane',
  summary:
    'Engine operations, timed from outside: network create, connect, disconnect, remove, and container start until its first connection to the server.',
  caveat:
    'First packet includes starting the container, and across hosts the time until the swarm has told the other engine. Five rounds a trial: tails are not seen.',
  timing: 'one round that warms up and five that count, whatever the duration: two to fifteen seconds',
  metrics: operations.flatMap((operation) => shares.map(({ name }) => kind(operation, name))),
  servers: (pair) => [iperf3Server(pair)],
  usesOtherContainers: true,
  endsByCount: true,
  unsupported: (scenario) =>
    scenario.driver === 'bare' ? 'There is no container, so nothing for an engine to do.' : undefined,
  measure,
};

async function measure(pair: WorkloadPair): Promise<Outcome> {
  const engine = pair.controlPlane;
  if (!engine) return { type: 'failed', reason: 'The pair has no engine behind it.', raw: '' };
  const started = performance.now();
  const bench = new Bench({
    name: 'control-plane',
    iterations: rounds,
    time: 0,
    warmupIterations: 1,
    warmupTime: 0,
    retainSamples: true,
  });
  addFirstPacket(bench, engine, pair);
  if (timesNetworks(pair)) addNetworkOperations(bench, engine);
  await bench.run();
  const failed = bench.tasks.find((task) => task.result.state !== 'completed');
  if (failed) return { type: 'failed', reason: `${failed.name} failed: ${whyFailed(failed)}`, raw: '' };
  const samples = Object.fromEntries(bench.tasks.map((task) => [task.name, samplesSeconds(task)]));
  return {
    type: 'measured',
    metrics: Object.entries(samples).flatMap(([operation, seconds]) =>
      shares.map(({ name, share }) => ({
        ...kind(operation as Operation, name),
        value: percentile(seconds, share),
      })),
    ),
    measuredSeconds: (performance.now() - started) / 1000,
    warnings: [],
    raw: JSON.stringify(samples),
  };
}

/** Networks that stand on a parent interface can have no twin there, and `host` has no network at all. */
function timesNetworks(pair: WorkloadPair): boolean {
  return pair.controlPlane?.hasNetwork === true;
}

function addFirstPacket(bench: Bench, engine: ControlPlane, pair: WorkloadPair): void {
  let caller = '';
  bench.add(
    'first-packet',
    async () => {
      const exitCode = await engine.startAndWait(caller);
      if (exitCode !== 0) throw new Error(`the container ended with ${exitCode}`);
    },
    {
      async: true,
      beforeEach: async () => {
        caller = await engine.createCaller(pair.serverAddress, pair.ports.iperf3);
      },
      afterEach: () => engine.removeCaller(caller),
    },
  );
}

// `async` is said outright: to find it out tinybench would call each function once, before there is a network.
function addNetworkOperations(bench: Bench, engine: ControlPlane): void {
  let network = '';
  const make = async () => {
    network = await engine.createNetwork();
  };
  const remove = () => engine.removeNetwork(network);
  bench
    .add('network-create', make, { async: true, afterEach: remove })
    .add('network-connect', () => engine.connect(network), {
      async: true,
      beforeEach: make,
      afterEach: async () => {
        await engine.disconnect(network);
        await remove();
      },
    })
    .add('network-disconnect', () => engine.disconnect(network), {
      async: true,
      beforeEach: async () => {
        await make();
        await engine.connect(network);
      },
      afterEach: remove,
    })
    .add('network-remove', remove, { async: true, beforeEach: make });
}

function samplesSeconds(task: Task): number[] {
  const { result } = task;
  const samples = 'latency' in result ? result.latency.samples : undefined;
  return (samples ?? []).map((milliseconds) => milliseconds / 1000);
}

function whyFailed(task: Task): string {
  const { result } = task;
  return 'error' in result ? result.error.message : result.state;
}

function percentile(seconds: readonly number[], share: number): number {
  if (share === 0.5) return median(seconds);
  const sorted = [...seconds].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}
