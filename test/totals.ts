export interface Totals {
  passed: number;
  failed: number;
  readonly skips: { readonly name: string; readonly reason: string }[];
}

/** The closing line that CI reads. */
export function summaryLine(totals: Totals): string {
  return `${totals.passed} passed, ${totals.failed} failed, ${totals.skips.length} skipped`;
}
