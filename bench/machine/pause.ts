import { setTimeout as sleep } from 'node:timers/promises';

/** Waits. @throws the signal's own reason once it comes */
export async function pause(millis: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(millis, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
