/** Something that this process waits for now. */
export interface Wait {
  /** As it stands after "waiting for …": `the lock of the lab, held by process 12 (tare run) since 12:03:10 UTC`. */
  readonly what: string;
  readonly seconds: number;
  /** `step`: its own work; `other`: another process, which may never end. */
  readonly kind: 'step' | 'other';
}

interface Begun {
  readonly what: () => string;
  readonly atMillis: number;
  readonly kind: Wait['kind'];
}

const begun = new Set<Begun>();

/** Does something and, while it lasts, tells whoever asks what this process waits for. */
export async function waitingFor<T>(
  kind: Wait['kind'],
  what: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const entry: Begun = { what, kind, atMillis: performance.now() };
  begun.add(entry);
  try {
    return await work();
  } finally {
    begun.delete(entry);
  }
}

/** All that this process waits for now, what it began first in front. */
export function waits(): Wait[] {
  const now = performance.now();
  return [...begun].map(({ what, kind, atMillis }) => ({
    what: what(),
    kind,
    seconds: (now - atMillis) / 1000,
  }));
}
