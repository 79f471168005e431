/** Every object that Tare makes carries this label; `tare clean` removes what carries it and nothing else. */
export const tareLabel = 'tare';

/** The labels of one object. */
export function labels(runId: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { [tareLabel]: '1', [`${tareLabel}.run`]: runId, ...more };
}

/** A filter for Docker's list calls: all of Tare's objects, or those of one run. */
export function labelFilter(runId?: string): { label: string[] } {
  return {
    label: runId === undefined ? [`${tareLabel}=1`] : [`${tareLabel}=1`, `${tareLabel}.run=${runId}`],
  };
}

/** Interfaces that Tare makes on an engine's host start so; the kernel allows 15 characters. */
export const interfacePrefix = 'tare-';
