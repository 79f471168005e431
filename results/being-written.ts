const folders = new Set<string>();

/** Notes that this process writes the run in a folder. @returns to be called when it no longer does */
export function noteWriting(folder: string): () => void {
  folders.add(folder);
  return () => void folders.delete(folder);
}

/** Folders of the runs that this process writes now: for whoever has to end it before it could tell of them. */
export function foldersBeingWritten(): readonly string[] {
  return [...folders];
}
