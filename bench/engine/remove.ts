import type { Engine } from './engine.ts';

/** Removes a container with its anonymous volumes; one that is gone already is fine. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  await engine.docker.getContainer(id).remove({ force: true, v: true }).catch(unlessGone);
}

/**
 * Removes a network. An overlay's endpoints leave the swarm's books a moment after their containers, so it is tried
 * for up to ten seconds.
 */
export async function removeNetwork(engine: Engine, id: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await engine.docker.getNetwork(id).remove();
      return;
    } catch (error) {
      const inUse = /active endpoints|in use/i.test((error as Error).message);
      // A worker shows its swarm's overlays, and only a manager removes them.
      if (/not a swarm manager/i.test((error as Error).message)) return;
      if (!inUse || attempt === 40) return unlessGone(error as { statusCode?: number });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

function unlessGone(error: { statusCode?: number }): void {
  // 404: it is gone; 409: its removal is under way already.
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
