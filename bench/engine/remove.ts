import type { Engine } from './engine.ts';

/** Removes a container with its anonymous volumes; one that is gone already is fine. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  await engine.docker.getContainer(id).remove({ force: true, v: true }).catch(unlessGone);
}

/** Removes a volume; one that is gone already is fine. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  await engine.docker.getVolume(name).remove({ force: true }).catch(unlessGone);
}

/**
 * Removes a network; one that is gone already is fine. An overlay's endpoints leave the swarm's books a moment after
 * their containers, so it is tried for up to ten seconds.
 */
export async function removeNetwork(engine: Engine, id: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await engine.docker.getNetwork(id).remove();
      return;
    } catch (error) {
      if (isGone(error)) return;
      // A worker shows its swarm's overlays, and only a manager removes them.
      if (/not a swarm manager/i.test((error as Error).message)) return;
      const inUse = /active endpoints|in use/i.test((error as Error).message);
      if (!inUse || attempt === 40) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

// A swarm's manager answers 500 where an engine alone says 404 (docker/for-linux#531), so the words count as well. Only
// these: "plugin … not found" and the like leave the object where it is.
const goneWords =
  /\b(network|container|volume|image) \S+ (was )?not found|no such (network|container|volume|image)|unknown network|removal of \S+ \S+ is already in progress|is already (in progress|being removed)/i;

/** Whether an engine's answer to a removal says that the object is gone, or that its removal is under way already. */
export function isGone(error: unknown): boolean {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  return statusCode === 404 || goneWords.test(message ?? '');
}

function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error;
}
