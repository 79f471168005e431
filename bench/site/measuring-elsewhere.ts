import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../results/failure.ts';
import { ownerState } from '../../results/owner.ts';
import { bootId } from '../../results/process-identity.ts';
import { confined } from '../engine/confinement.ts';
import type { Engine } from '../engine/engine.ts';
import { labels, ownerLabel } from '../engine/labels.ts';
import { isGone } from '../engine/remove.ts';
import { type MeasuringOptions, namelessHolder, ownWords } from '../state/measuring.ts';
import { waitingFor } from '../state/waits.ts';
import type { SiteEngine } from './site.ts';

// On this kernel a socket says who measures (measuring.ts). On another machine its engine has to: no two containers have
// one name, and this one ends with its input, which the engine closes as soon as the connection of its maker goes.
const containerName = 'tare-measuring';
const holderLabel = 'tare.measuring';
const holderWords =
  /^run [\w.-]{1,64} \(process \d{1,10} of [\w.-]{1,64} on [\w.-]{1,255}, since \d\d:\d\d:\d\d UTC\)$/;

const foundSchema = z.object({
  Id: z.string(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  State: z.object({ Running: z.boolean(), Status: z.string().optional() }),
});
type Found = z.infer<typeof foundSchema>;

/** How often an engine is asked whether the other has ended, and how long one that does not run may stand in the way. */
export interface Patience {
  readonly lookMillis: number;
  readonly stillMillis: number;
}
const usual: Patience = { lookMillis: 2000, stillMillis: 30_000 };

/** For an engine to end a removal that has begun. */
const momentMillis = 50;

type Side = Pick<SiteEngine, 'engine' | 'machine'>;

/**
 * The engines to ask, in an order that is the same for everybody, so that no two runs wait for one another: those of
 * other machines. A lab's nodes are left out where the engine under them is asked.
 */
export function enginesElsewhere(sides: readonly Side[], here = bootId()): Engine[] {
  const foreign = sides.filter(({ machine }) => machine !== here);
  const isCovered = ({ engine, machine }: Side) =>
    engine.ownership === 'lab' &&
    foreign.some((other) => other.machine === machine && other.engine.ownership !== 'lab');
  const engines = foreign.filter((side) => !isCovered(side)).map(({ engine }) => engine);
  return engines.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/**
 * Makes this process the one that measures on the machines of these engines, once no other does. It ends with this
 * process at the latest.
 * @param image what holds `cat`, on each engine
 * @param siteRun the run's id that the objects are labelled with
 * @returns what lets the next one measure
 * @throws Failure `infrastructure` where another measures and is not to be waited for; the signal's reason
 */
export async function measureAloneOn(
  engines: readonly Engine[],
  place: { readonly image: string; readonly siteRun: string },
  options: MeasuringOptions,
  patience: Patience = usual,
): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const each of held.splice(0).reverse()) await each();
  };
  try {
    for (const engine of engines) held.push(await hold(engine, place, options, patience));
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

async function hold(
  engine: Engine,
  place: { readonly image: string; readonly siteRun: string },
  { run, wait, progress, signal }: MeasuringOptions,
  { lookMillis, stillMillis }: Patience,
): Promise<() => Promise<void>> {
  let told: string | undefined;
  let still: { readonly id: string; readonly since: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const taken = await take(engine, place, run);
    if (taken) return taken;
    const found = await holderOn(engine);
    if (!found) {
      await sleep(momentMillis);
      continue;
    }
    const owner = ownerState(found.Config.Labels?.[ownerLabel]);
    if (found.State.Running && owner !== 'dead') {
      still = undefined;
    } else {
      // It may be about to start, unless its maker is seen to be dead.
      if (still?.id !== found.Id) still = { id: found.Id, since: performance.now() };
      const isLeft = owner === 'dead' || hasEnded(found) || performance.now() - still.since > stillMillis;
      // By its id, which no later one has: whoever comes second removes nothing. One that runs after all is not removed,
      // unless nobody holds it.
      if (isLeft && (await removed(engine, found.Id, owner === 'dead'))) {
        await sleep(momentMillis);
        continue;
      }
    }
    const words = wordsOf(found);
    if (!wait) {
      throw new Failure(
        'infrastructure',
        `${words} is being measured on the machine of ${engine.name}`,
        'Leave --no-wait away to wait for it.',
      );
    }
    const text = `Waiting for ${words}, which is being measured on the machine of ${engine.name}`;
    if (text !== told) progress(text);
    told = text;
    await waitingFor(
      'other',
      () => words,
      () => sleep(lookMillis, undefined, { signal }).catch(() => undefined),
    );
  }
}

/** @returns nothing where another has it */
async function take(
  engine: Engine,
  { image, siteRun }: { readonly image: string; readonly siteRun: string },
  run: string,
): Promise<(() => Promise<void>) | undefined> {
  const { docker } = engine;
  let id: string | undefined;
  try {
    const container = await docker.createContainer({
      name: containerName,
      Image: image,
      Cmd: ['cat'],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      Labels: labels(siteRun, { 'tare.role': 'measuring', [holderLabel]: ownWords(run) }),
      HostConfig: {
        ...confined(),
        NetworkMode: 'none',
        AutoRemove: true,
        Memory: 64 * 2 ** 20,
        PidsLimit: 16,
      },
    });
    id = container.id;
    const line = (await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      hijack: true,
    })) as Duplex;
    line.on('error', () => undefined).resume();
    await container.start();
    return async () => {
      line.destroy();
      await removed(engine, container.id, true).catch(() => undefined);
    };
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (id === undefined && statusCode === 409) return undefined;
    if (id !== undefined) await removed(engine, id, true).catch(() => undefined);
    // Another took it for one that was left before it had started.
    if (id !== undefined && isGone(error)) return undefined;
    throw error;
  }
}

/** Nothing where it has just gone. */
async function holderOn(engine: Engine): Promise<Found | undefined> {
  try {
    return foundSchema.parse(await engine.docker.getContainer(containerName).inspect());
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const hasEnded = ({ State }: Found): boolean => ['exited', 'dead', 'removing'].includes(State.Status ?? '');

/** @returns whether it is gone; one that runs is not taken away, unless by force */
async function removed(engine: Engine, id: string, force: boolean): Promise<boolean> {
  try {
    await engine.docker.getContainer(id).remove({ force, v: true });
    return true;
  } catch (error) {
    if (isGone(error)) return true;
    if ((error as { statusCode?: number }).statusCode === 409) return false;
    throw error;
  }
}

/** Whatever an engine says of a holder is shown only where it looks as Tare wrote it. */
function wordsOf({ Config }: Found): string {
  const words = Config.Labels?.[holderLabel] ?? '';
  return holderWords.test(words) ? words : namelessHolder;
}
