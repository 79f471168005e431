import { randomBytes } from 'node:crypto';
import { describeFailure, Failure } from '../../results/failure.ts';
import { acquireEngine } from '../engine/acquire-engine.ts';
import { describeLeftover, type Leftover, removeLabelled } from '../engine/clean-labelled.ts';
import { connectEngines } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { listenerArgv } from '../engine/listener.ts';
import { NativeExecutor } from '../engine/native-executor.ts';
import { ageRemark } from '../image/age.ts';
import {
  ensureToolbox,
  forgetImages,
  matchToolbox,
  nativeArgv,
  type ToolboxImage,
  toolboxOn,
  toolboxRootfs,
} from '../image/image.ts';
import { labUp } from '../lab/lab.ts';
import { acquireLabHost } from '../lab/lab-host.ts';
import { type CountedMachine, openCountedMachine } from '../machine/counted-machine.ts';
import type { Recipe } from '../machine/recipe.ts';
import { runsInOwnContainer } from '../state/own-container.ts';
import { runStamp } from '../state/run-stamp.ts';
import { allSettled, Closing } from './closing.ts';
import type { KnownEngine } from './engine-limits.ts';
import { removeLeftBehind } from './left-behind.ts';
import { enginesElsewhere, measureAloneOn } from './measuring-elsewhere.ts';
import { type Examined, examine } from './preflight.ts';
import type { PreparationListener } from './preparation.ts';
import { allEngines, type Site, type SiteEngine } from './site.ts';
import { openSiteEngine } from './site-engine.ts';
import { SubnetPool } from './subnets.ts';

/** What a command needs to run on. */
export interface SiteRequest {
  /** Engines by URL: none (the reachable one, else a private one), one, or two for cross-host. */
  readonly engines: readonly string[];
  /** Whether an engine may be spoken to in clear over a network (`--insecure-tcp`). */
  readonly insecureTcp?: boolean | undefined;
  /** Of a counted machine, whose engines are those of the run. */
  readonly machine?: Recipe | undefined;
  /** Nodes of a lab to measure cross-host in; undefined where the two given engines serve. */
  readonly labNodes: number | undefined;
  /** The range, as CIDR, of which networks are made; the usual one where absent. */
  readonly subnets?: string | undefined;
  /** The address or interface of the engines' hosts by which they are reached; chosen where absent. */
  readonly underlay?: string | undefined;
  /** Nobody asked for the lab by name: without it a run goes on, on one engine. */
  readonly isLabOptional?: boolean;
  /** Let the lab stand on somebody's engine, where its nodes are as good as root. */
  readonly labOnUserEngine?: boolean | undefined;
  /** For wall-clock measuring: the run for which the machines of engines elsewhere are taken, and whether to wait. */
  readonly measuring?: { readonly run: string; readonly wait: boolean } | undefined;
  /** Make images anew from today's packages. */
  readonly rebuildImages?: boolean;
  /** Preflight will be wanted: it begins on the first engine while the lab comes up. */
  readonly examine?: boolean;
  /** Networks that are there already, by name, of which preflight must know. */
  readonly joins?: readonly string[];
  readonly listener: PreparationListener;
  /** Ends the preparation at its next step, with everything undone. */
  readonly signal?: AbortSignal;
}

export interface OpenSite extends Examined {
  readonly toolbox: ToolboxImage;
  /** The counted machine that the engines run in. */
  readonly machine?: CountedMachine | undefined;
  /**
   * Removes everything that carries this run's label, then the lab and the private engine if nobody else uses them.
   * @returns what could not be removed; never rejects, since no fault of this kind may cost a run its report
   */
  close(): Promise<readonly Leftover[]>;
}

/** A new run's id: sortable by time, unique by four random characters. */
export function newRunId(now: Date): string {
  const tail = randomBytes(4).readUInt32BE().toString(36).padStart(4, '0').slice(-4);
  return `${runStamp(now)}-${tail}`;
}

/**
 * Brings together what a run needs: engines, the same image on each, a lab where one is asked for, a probe per engine.
 * @throws Failure with everything undone that was done
 */
export async function openSite(request: SiteRequest, runId: string): Promise<OpenSite> {
  const closing = new Closing();
  try {
    return { ...(await assemble(request, runId, closing)), close: () => closing.run() };
  } catch (error) {
    for (const leftover of await closing.run()) {
      request.listener({ type: 'warning', text: describeLeftover(leftover) });
    }
    throw error;
  }
}

async function assemble(request: SiteRequest, runId: string, closing: Closing) {
  const step = (text: string) => {
    request.signal?.throwIfAborted();
    request.listener({ type: 'step', text });
  };
  const { insecureTcp } = request;
  const machine = request.machine && (await openMachine(request.machine, request, runId, step, closing));
  const given = await connectEngines(machine?.engines.slice(0, 2) ?? request.engines, { insecureTcp });
  if (given.length === 2 && given[0]?.id === given[1]?.id) {
    throw new Failure(
      'usage',
      `${given.map(({ url }) => url).join(' and ')} are one and the same engine`,
      'Give two engines for cross-host, or one and --lab.',
    );
  }
  const primary = given[0] ?? (await acquire(request, step, closing));
  for (const text of new Set([primary, ...given].flatMap(({ warnings = [] }) => warnings)))
    request.listener({ type: 'warning', text });
  if (!machine) await removeLeftBehind(given.length > 0 ? given : [primary], request.listener);
  if (request.rebuildImages && !machine) await forgetImages([primary, ...given.slice(1)]);
  const labHost = given.length === 2 ? undefined : await engineForLab(primary, request, step, closing);
  // What Tare's own engine builds goes to the others, so that all run the same bytes.
  if (labHost && labHost !== primary) await ensureToolbox(labHost, step);
  const toolbox = machine ? await toolboxOn(primary) : await ensureToolbox(primary, step);
  const old = ageRemark(toolbox, new Date());
  if (old) request.listener({ type: 'warning', text: old });
  const open = async (engine: Engine): Promise<SiteEngine> => {
    if (engine !== primary) await matchToolbox(engine, toolbox, step);
    // A lab's nodes have the lab's own network.
    const isGiven = engine === primary || given.includes(engine);
    const side = await openSiteEngine(engine, toolbox.name, runId, isGiven ? request.underlay : undefined);
    closing.add(`the probe on ${engine.name}`, async () => void side.probe.close());
    return side;
  };
  const cleanUp = (engines: readonly Engine[]) =>
    closing.add(`what the run made on ${engines.map(({ name }) => name).join(', ')}`, async () => ({
      leftovers: (await removeLabelled(engines, runId)).flatMap(({ leftovers }) => leftovers),
    }));
  cleanUp(given.length > 0 ? given : [primary]);
  // The lab takes ten seconds to come up; what needs only the first engine is done meanwhile.
  const opening = open(primary).then(async (side) => ({
    side,
    native: await openNative(toolbox.name, side, runId),
  }));
  const image = { id: toolbox.id, name: toolbox.name };
  // It is waited for below; meanwhile its failure is nobody's.
  opening.catch(() => undefined);
  const site = { runId, image, subnets: request.subnets, joins: request.joins ?? [] };
  const isExamined = request.examine === true && labHost !== undefined;
  const examining = isExamined ? opening.then((first) => examineAlone(first, site)) : undefined;
  examining?.catch(() => undefined);
  // Whatever fails meanwhile, a probe that is being made must be there before what is left is looked for.
  closing.add('the first engine', async () => {
    await Promise.allSettled([opening, examining]);
    return undefined;
  });
  let across: readonly Engine[] = given.length === 2 ? given : [];
  if (labHost && request.labNodes !== undefined) {
    const lab = await labUp(labHost, {
      nodes: request.labNodes,
      onUserEngine: request.labOnUserEngine,
      subnets: request.subnets,
      progress: step,
      signal: request.signal,
    });
    closing.add('the lab', async () =>
      (await lab.down()) ? { ended: lab.engines.map(({ name }) => name) } : {},
    );
    across = lab.engines;
    if (lab.wasUp) await removeLeftBehind(across, request.listener);
    cleanUp(across);
  }
  const [first, second] = across;
  const crossHost =
    first && second
      ? await allSettled([
          first.id === primary.id ? opening.then(({ side }) => side) : open(first),
          open(second),
        ])
      : undefined;
  const { side: sameHost, native } = await opening;
  if (native) closing.add('the servers on this machine', async () => void (await native.stop()));
  const whole: Examined = {
    ...site,
    sameHost,
    crossHost: crossHost && { server: crossHost[0], client: crossHost[1] },
    native,
    ...(examining && { examined: new Map([[primary.id, examining]]) }),
  };
  if (request.measuring) {
    const release = await measureAloneOn(
      enginesElsewhere(allEngines(whole)),
      { image: toolbox.name, siteRun: runId },
      {
        ...request.measuring,
        progress: (text) => request.listener({ type: 'step', text }),
        signal: request.signal ?? new AbortController().signal,
      },
    );
    closing.add('the lock of the engines’ machines', async () => void (await release()));
  }
  await checkReach(whole);
  return { ...whole, toolbox, machine };
}

async function openMachine(
  recipe: Recipe,
  { signal, rebuildImages: rebuild }: SiteRequest,
  runId: string,
  progress: (text: string) => void,
  closing: Closing,
): Promise<CountedMachine> {
  const machine = await openCountedMachine({
    ...{ recipe, guest: 0, accounting: true, progress, runId, rebuild },
    signal: signal ?? new AbortController().signal,
  });
  closing.add('the counted machine', async () => {
    await machine.stop();
    return { ended: ['node-1', 'node-2'] };
  });
  return machine;
}

/** Preflight of the first engine, while there is no other yet. */
async function examineAlone(
  { side, native }: { readonly side: SiteEngine; readonly native: NativeExecutor | undefined },
  site: Pick<Examined, 'runId' | 'image' | 'subnets' | 'joins'>,
): Promise<KnownEngine> {
  const alone: Examined = { ...site, native, sameHost: side, crossHost: undefined };
  return examine(side, alone, await SubnetPool.of(alone));
}

/** What runs the image's programs on this machine itself; nothing where the engine, or Tare, is elsewhere. */
async function openNative(
  image: string,
  { engine, machine }: SiteEngine,
  runId: string,
): Promise<NativeExecutor | undefined> {
  if (runsInOwnContainer()) return undefined;
  const rootfs = await toolboxRootfs(engine, machine, image);
  return rootfs === undefined ? undefined : new NativeExecutor((argv) => nativeArgv(rootfs, argv), runId);
}

async function acquire(
  { insecureTcp, signal }: SiteRequest,
  step: (text: string) => void,
  closing: Closing,
): Promise<Engine> {
  const acquired = await acquireEngine({ progress: step, insecureTcp, signal });
  const { name } = acquired.engine;
  closing.add('the private engine', async () => ((await acquired.release()) ? { ended: [name] } : {}));
  return acquired.engine;
}

/** The engine for a lab: the first one where that is Tare's own or may be used so, else one started for it. */
async function engineForLab(
  primary: Engine,
  { labNodes, isLabOptional, labOnUserEngine, listener, signal }: SiteRequest,
  progress: (text: string) => void,
  closing: Closing,
): Promise<Engine | undefined> {
  if (labNodes === undefined) return undefined;
  if (primary.ownership !== 'user' || labOnUserEngine) return primary;
  try {
    const acquired = await acquireLabHost({ progress, signal });
    const { name } = acquired.engine;
    closing.add('the lab’s engine', async () => ((await acquired.release()) ? { ended: [name] } : {}));
    return acquired.engine;
  } catch (error) {
    if (!isLabOptional || !(error instanceof Failure)) throw error;
    listener({
      type: 'warning',
      text: `nothing is measured across hosts: ${describeFailure(error)}`,
    });
    return undefined;
  }
}

/** Cross-host engines must reach one another before anything is measured between them. */
async function checkReach(site: Site): Promise<void> {
  if (!site.crossHost || allEngines(site).length < 2) return;
  const { server, client } = site.crossHost;
  const port = 20_999;
  const { executor } = server.probe;
  const place = { address: server.underlayAddress, port, folder: await executor.folder() };
  await executor.start(listenerArgv(executor, place, 60));
  const answer = await client.probe.tryShell(
    'for i in 1 2 3 4 5 6 7 8 9 10; do nc -w 1 "$1" "$2" </dev/null && exit 0; usleep 200000 2>/dev/null || sleep 1; done; exit 1',
    60,
    [server.underlayAddress, String(port)],
  );
  if (answer.exitCode !== 0) {
    throw new Failure(
      'infrastructure',
      `${client.engine.name} can't reach ${server.engine.name} at ${server.underlayAddress}`,
      'Open the way between the two hosts (routes, firewalls), or give engines that are in one swarm.',
    );
  }
}
