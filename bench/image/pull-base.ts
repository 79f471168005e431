import { Failure } from '../../results/failure.ts';
import type { Engine } from '../engine/engine.ts';
import { withLock } from '../state/lock.ts';
import { followed } from './build.ts';
import { findImage } from './inspect.ts';
import { changeManifest, readManifest } from './kept.ts';

const debianBase = 'debian:trixie-slim';

/**
 * The distribution's own base image on an engine: there, or pulled. What its name means is recorded at the first pull, as
 * its registry's digest, and held to afterwards on every engine.
 * @returns how to name it in a build; undefined where there is none and no registry is in reach
 * @throws Failure `infrastructure` where it is another one than was recorded
 */
export async function pullBase(
  engine: Engine,
  progress: (text: string) => void,
): Promise<string | undefined> {
  return withLock('builder', async () => {
    const recorded = readManifest().pulled[debianBase];
    if (!(await findImage(engine, debianBase)) && !(await pull(engine, recorded, progress))) return undefined;
    const name = recorded && (await findImage(engine, pinned(recorded))) ? pinned(recorded) : debianBase;
    const found = await findImage(engine, name);
    if (!found) return undefined;
    // One that was loaded from a file has no registry's digest; its own id is as exact.
    const digests = found.pulledDigests.length > 0 ? found.pulledDigests : [found.id];
    const [digest] = digests;
    if (recorded === undefined && digest !== undefined) {
      changeManifest((manifest) => ({ ...manifest, pulled: { ...manifest.pulled, [debianBase]: digest } }));
    } else if (recorded !== undefined && !digests.includes(recorded)) {
      throw new Failure(
        'infrastructure',
        `${debianBase} on ${engine.name} is ${digest}, and what was pulled first is ${recorded}`,
        `Pull that one (\`docker pull ${pinned(recorded)}\`), or take today’s everywhere: \`tare check --rebuild-images\`.`,
      );
    }
    return name;
  });
}

const pinned = (digest: string) => `${debianBase.split(':')[0]}@${digest}`;

/** Whether it could be pulled. No registry in reach is expected on machines that are cut off. */
async function pull(
  engine: Engine,
  recorded: string | undefined,
  progress: (text: string) => void,
): Promise<boolean> {
  const name = recorded === undefined ? debianBase : pinned(recorded);
  progress(`Pulling ${name} on ${engine.name}`);
  try {
    const events = await followed(engine.docker, await engine.docker.pull(name));
    return !events.some((event) => event.error);
  } catch {
    return false;
  }
}
