import { setTimeout as sleep } from 'node:timers/promises';
import type { TrialReason } from '../../results/reasons.ts';
import type { SiteEngine } from '../site/site.ts';

/** Seconds in which an engine that lives says so, on a machine that is busy measuring. */
const patienceSeconds = 10;

/** Why a trial on an engine that has gone can't be. */
export type EngineGone = Extract<TrialReason, { code: 'engine-gone' }>;

/** Knows which engines of a run have gone, so that trials on them fail at once and with the true reason. */
export class Absence {
  readonly #gone = new Map<string, { readonly since: Date; readonly words: string }>();

  /** Whether one of these engines is known to have gone; it is asked again, as it may be back. */
  async stillGone(sides: readonly SiteEngine[]): Promise<EngineGone | undefined> {
    return this.reason(sides.filter(({ engine }) => this.#gone.has(engine.id)));
  }

  /** Asks engines whether they live. @returns why a trial on them can't be, where one of them doesn't answer */
  async reason(sides: readonly SiteEngine[]): Promise<EngineGone | undefined> {
    const distinct = [...new Map(sides.map((side) => [side.engine.id, side.engine])).values()];
    const reasons = await Promise.all(
      distinct.map(async (engine) => {
        const words = await pings(engine.docker);
        if (words === undefined) {
          this.#gone.delete(engine.id);
          return undefined;
        }
        const known = this.#gone.get(engine.id) ?? { since: new Date(), words };
        this.#gone.set(engine.id, known);
        const sinceUtc = known.since.toISOString().slice(11, 19);
        return { code: 'engine-gone' as const, engine: engine.name, sinceUtc, said: known.words };
      }),
    );
    return reasons.find((reason) => reason !== undefined);
  }

  /** Whether all of these engines are known to have gone. */
  coversAll(sides: readonly SiteEngine[]): boolean {
    return sides.length > 0 && sides.every(({ engine }) => this.#gone.has(engine.id));
  }
}

/** @returns why it does not answer; undefined where it does */
async function pings(docker: SiteEngine['engine']['docker']): Promise<string | undefined> {
  const ended = new AbortController();
  try {
    await Promise.race([
      docker.ping(),
      sleep(patienceSeconds * 1000, undefined, { signal: ended.signal, ref: false }).then(() => {
        throw new Error(`no answer within ${patienceSeconds} s`);
      }),
    ]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    ended.abort();
  }
}
