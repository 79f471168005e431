/** A call that an engine has not answered yet. */
export interface WaitingCall {
  readonly engine: string;
  readonly call: string;
  /** Seconds since the call was made, or since that engine last answered any call, whichever is less. */
  readonly silentSeconds: number;
}

interface Begun {
  readonly engine: () => string;
  readonly key: object;
  readonly call: string;
  readonly atMillis: number;
}

const begun = new Set<Begun>();
const lastAnswers = new WeakMap<object, number>();

/**
 * Notes that a call was made.
 * @param key one object for each engine; its name may change
 * @returns to be called at each sign of life, and when the call has ended
 */
export function beginCall(key: object, engine: () => string, call: string) {
  const entry: Begun = { engine, key, call, atMillis: performance.now() };
  begun.add(entry);
  const heard = () => void lastAnswers.set(key, performance.now());
  return {
    heard,
    ended: () => {
      heard();
      begun.delete(entry);
    },
    failed: () => void begun.delete(entry),
  };
}

/** Every call that waits for its engine now, the longest silence first: what a clean-up that lasts is waiting for. */
export function waitingCalls(): WaitingCall[] {
  const now = performance.now();
  return [...begun]
    .map(({ engine, key, call, atMillis }) => ({
      engine: engine(),
      call,
      silentSeconds: (now - Math.max(atMillis, lastAnswers.get(key) ?? 0)) / 1000,
    }))
    .sort((a, b) => b.silentSeconds - a.silentSeconds);
}
