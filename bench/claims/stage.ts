import type { Driver, ProvisionContext } from '../../drivers/driver.ts';
import { parseScenarioId, type Scenario, type Topology } from '../../results/scenario.ts';
import { unsupportedRemedy, unsupportedText } from '../../results/unsupported-text.ts';
import { ContainerExecutor } from '../engine/container-executor.ts';
import type { Executor } from '../engine/executor.ts';
import { type Pair, provisionPair } from '../pair/pair.ts';
import { PairContext } from '../pair/pair-context.ts';
import type { StartedContainer } from '../pair/started.ts';
import type { Readiness } from '../site/preflight.ts';
import { enginesOf, type Site } from '../site/site.ts';
import type { SubnetPool } from '../site/subnets.ts';
import { type CanaryFlight, flyCanary } from '../witness/canary.ts';
import { type EndLayout, layoutOf } from '../witness/layout.ts';

/** Port on which the containers of a claim listen; it is published nowhere. */
export const claimPort = 20_990;
/** Seconds after which a connection that nobody answers counts as impossible. */
const patienceSeconds = 2;

/** Where evidence is produced: makes containers and networks for one claim at a time and removes them with it. */
export class Stage {
  readonly site: Site;
  readonly ready: (scenario: Scenario) => Readiness;
  readonly #pool: SubnetPool;
  /** What takes down each context and pair that is up now. */
  readonly #standing = new Set<() => Promise<void>>();
  #abandoned = false;
  #count = 0;

  constructor(site: Site, pool: SubnetPool, ready: (scenario: Scenario) => Readiness) {
    this.site = site;
    this.ready = ready;
    this.#pool = pool;
  }

  /** A reason where a scenario can't be set up here. */
  lacks(id: string): string | undefined {
    const readiness = this.ready(parseScenarioId(id) as Scenario);
    if (readiness.type === 'ready') return undefined;
    return `${unsupportedText(readiness.reason)}. ${unsupportedRemedy(readiness.reason)}`;
  }

  /** Does something with a context of its own for networks and containers, which are removed afterwards. */
  async with<T>(topology: Topology, act: (context: PairContext) => Promise<T>): Promise<T> {
    const sides = enginesOf(this.site, topology);
    if (!sides) throw new Error(`there are no engines for ${topology}`);
    const index = this.#count++;
    const scenario: Scenario = { id: `${topology}/claim`, topology, driver: 'claim', options: {} };
    const context = new PairContext(this.site, this.#pool, scenario, sides, [], `claim${index}`);
    return this.#standingOn(
      () => act(context),
      () => context.cleanUp.run(),
    );
  }

  async #standingOn<T>(act: () => Promise<T>, remove: () => Promise<void>): Promise<T> {
    this.#standing.add(remove);
    try {
      if (this.#abandoned) throw new Error('the stage was abandoned');
      return await act();
    } finally {
      await remove();
      this.#standing.delete(remove);
    }
  }

  /** Removes every container and network that a test under way stands on, so that it ends; no other can begin. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    await Promise.allSettled([...this.#standing].map((remove) => remove()));
  }

  /** Does something with a pair of a scenario, wired as its driver does or otherwise. */
  async withPair<T>(
    id: string,
    act: (pair: Pair) => Promise<T>,
    provision?: Driver['provision'],
  ): Promise<T> {
    const scenario = parseScenarioId(id) as Scenario;
    const pair = await provisionPair(this.site, this.#pool, scenario, {
      provision,
      index: 40 + this.#count++,
    });
    return this.#standingOn(
      () => act(pair),
      () => pair.remove(),
    );
  }

  /** Sends a canary through a pair and tells where it was seen. */
  async canary(
    pair: Pair,
  ): Promise<CanaryFlight & { readonly layouts: Record<'server' | 'client', EndLayout> }> {
    const layouts = await layoutOf(pair);
    return { ...(await flyCanary(pair, layouts)), layouts };
  }
}

/** A context that does some things otherwise and everything else as the one given. */
export function otherwise(context: ProvisionContext, changes: Partial<ProvisionContext>): ProvisionContext {
  return new Proxy(context, {
    get(target, key) {
      if (key in changes) return Reflect.get(changes, key);
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export function executorIn(container: StartedContainer): ContainerExecutor {
  return new ContainerExecutor(container.engine.docker, container, container.engine.name);
}

/** Starts a server in a container that answers every connection with what it was sent. */
export function answer(container: StartedContainer, port = claimPort): Promise<void> {
  return answerIn(executorIn(container), port);
}

/** The same where a pair's end is at hand rather than its container. */
export async function answerIn(executor: Executor, port = claimPort): Promise<void> {
  await executor.start(['nc', '-ll', '-p', String(port), '-e', 'cat']);
  const ready = await executor.run(
    [
      ...['sh', '-c', `for i in $(seq 50); do ${attempt} && exit 0; sleep 0.1; done; exit 1`],
      ...['sh', '127.0.0.1', String(port), String(patienceSeconds)],
    ],
    { deadlineSeconds: 60 },
  );
  if (ready.exitCode !== 0) throw new Error(`no server came up in ${executor.where}`);
}

/** $1: host, by address or name; $2: port; $3: seconds of patience. */
const attempt = '[ "$(echo tare | nc -w "$3" "$1" "$2" 2>/dev/null)" = tare ]';

/** Whether a container reaches a server that `answer` started, by address or by name; twice, for what is only slow. */
export async function reaches(
  from: { run: ContainerExecutor['run'] },
  host: string,
  port = claimPort,
): Promise<boolean> {
  const argv = ['sh', '-c', `${attempt} || ${attempt}`, 'sh', host, String(port), String(patienceSeconds)];
  return (await from.run(argv, { deadlineSeconds: 30 })).exitCode === 0;
}
