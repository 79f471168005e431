import { Bench, type Task } from 'tinybench';
import { inWords } from '../../results/reasons.ts';
import type { Metric } from '../../results/schema.ts';
import { median } from '../../results/statistics/order.ts';
import { said } from '../engine/words.ts';
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

/** Five rounds carry no other percentile than the median, so the slowest is called what it is. */
const figures = [
  { name: 'p50', of: median },
  { name: 'max', of: (seconds: readonly number[]) => Math.max(...seconds) },
] as const;

const kind = (operation: Operation, figure: string): Omit<Metric, 'value'> => ({
  name: `${operation}-${figure}`,
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
    'First packet includes starting the container, and across hosts the time until the swarm has told the other engine. Five rounds a trial, so their slowest is shown and no tail. A network is attached and detached only where the client is on one that allows it: not on the host’s, nor in another container’s namespace.',
  timing: 'one round that warms up and five that count, whatever the duration: two to fifteen seconds',
  metrics: operations.flatMap((operation) => figures.map(({ name }) => kind(operation, name))),
  servers: (pair) => [iperf3Server(pair)],
  usesOtherContainers: true,
  endsByCount: true,
  unsupported: ({ stack }) =>
    stack === 'machine' ? 'There is no container, so nothing for an engine to do.' : undefined,
  measure,
};

async function measure(pair: WorkloadPair): Promise<Outcome> {
  const engine = pair.controlPlane;
  if (!engine) return { type: 'failed', reason: inWords('The pair has no engine behind it.'), raw: '' };
  const started = performance.now();
  const bench = new Bench({
    name: 'control-plane',
    iterations: rounds,
    time: 0,
    warmupIterations: 1,
    warmupTime: 0,
    retainSamples: true,
  });
  const trouble = new FirstTrouble();
  addFirstPacket(bench, engine, pair, trouble);
  if (engine.hasNetwork) addNetworkOperations(bench, engine, trouble);
  await bench.run();
  const failed = bench.tasks.find((task) => task.result.state !== 'completed');
  if (failed) {
    return {
      type: 'failed',
      reason: inWords(trouble.text ?? `${failed.name} failed: ${whyFailed(failed)}`),
      raw: '',
    };
  }
  const samples = Object.fromEntries(bench.tasks.map((task) => [task.name, samplesSeconds(task)]));
  return {
    type: 'measured',
    metrics: Object.entries(samples).flatMap(([operation, seconds]) =>
      figures.map(({ name, of }) => ({ ...kind(operation as Operation, name), value: of(seconds) })),
    ),
    measuredSeconds: (performance.now() - started) / 1000,
    warnings: [],
    raw: JSON.stringify(samples),
  };
}

/** What failed first: a clean-up that fails behind it is not the cause. */
class FirstTrouble {
  text: string | undefined;

  /** A step that notes its failure under an operation's name. */
  noting(operation: Operation, step: () => Promise<void>): () => Promise<void> {
    return async () => {
      try {
        await step();
      } catch (error) {
        this.text ??= `${operation} failed: ${said((error as Error).message)}`;
        throw error;
      }
    };
  }
}

function addFirstPacket(bench: Bench, engine: ControlPlane, pair: WorkloadPair, trouble: FirstTrouble): void {
  let caller: string | undefined;
  const noting = (step: () => Promise<void>) => trouble.noting('first-packet', step);
  bench.add(
    'first-packet',
    noting(async () => {
      const exitCode = await engine.startAndWait(caller as string);
      if (exitCode !== 0) throw new Error(`the container ended with ${exitCode}`);
    }),
    {
      async: true,
      beforeEach: noting(async () => {
        caller = await engine.createCaller(pair.serverAddress, pair.ports.iperf3);
      }),
      afterEach: noting(async () => {
        if (caller !== undefined) await engine.removeCaller(caller);
        caller = undefined;
      }),
    },
  );
}

// `async` is said outright: to find it out tinybench would call each function once, before there is a network.
function addNetworkOperations(bench: Bench, engine: ControlPlane, trouble: FirstTrouble): void {
  let network: string | undefined;
  let isAttached = false;
  const create = async () => {
    network = await engine.createNetwork();
  };
  const connect = async () => {
    await engine.connect(network as string);
    isAttached = true;
  };
  const disconnect = async () => {
    await engine.disconnect(network as string);
    isAttached = false;
  };
  const remove = async () => {
    await engine.removeNetwork(network as string);
    network = undefined;
  };
  /** Only what was made is taken back. */
  const tidy = async () => {
    if (isAttached) await disconnect();
    if (network !== undefined) await remove();
  };
  const add = (operation: Operation, before: () => Promise<void>, step: () => Promise<void>) => {
    const noting = (each: () => Promise<void>) => trouble.noting(operation, each);
    // A round that can't be prepared is not cleaned up behind.
    const prepare = () =>
      noting(before)().catch(async (error: unknown) => {
        await tidy().catch(() => undefined);
        throw error;
      });
    bench.add(operation, noting(step), { async: true, beforeEach: prepare, afterEach: noting(tidy) });
  };
  const nothing = async () => undefined;
  add('network-create', nothing, create);
  if (engine.canAttach) {
    add('network-connect', create, connect);
    const attached = async () => {
      await create();
      await connect();
    };
    add('network-disconnect', attached, disconnect);
  }
  add('network-remove', create, remove);
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
