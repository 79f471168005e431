/** Letters, digits and dashes: safe as a file's name everywhere. */
export function fileStem(run: string): string {
  return `tare-${run.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'run'}`;
}
