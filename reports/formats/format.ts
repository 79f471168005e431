import type { ClaimRow } from '../../results/claims.ts';
import type { GateResult } from '../../results/gate.ts';
import type { RunRecord } from '../../results/schema.ts';
import type { RunSummary } from '../../results/summary.ts';
import type { KnownNetwork } from '../../results/traits.ts';
import type { WorkloadNotes } from '../method.ts';

export interface ReportOptions {
  readonly workloadNotes?: WorkloadNotes;
  /** How the run was judged, where it is a live comparison. */
  readonly judged?: GateResult;
  /** The guide's claims with what this run says of them; left out where it bears on none. */
  readonly claims?: readonly ClaimRow[];
  /** Networks that can be had, so that advice names those that this run left out; only the run's own where absent. */
  readonly networks?: readonly KnownNetwork[];
}

/** All that a report can be made from. */
export interface Reported extends ReportOptions {
  readonly summary: RunSummary;
  readonly record: RunRecord;
  /** Pictures that were written before, for formats that show them; by path relative to the report's folder. */
  readonly pictures: readonly { readonly file: string; readonly alt: string }[];
}

export interface ReportFile {
  /** Within the report's folder. */
  readonly name: string;
  readonly content: string | Buffer;
  /** What it shows, in words; present where it is a picture. */
  readonly alt?: string;
}

/** One way to report a run; one file each. */
export interface ReportFormat {
  /** What `--format` calls it. */
  readonly id: string;
  /** Set where it makes pictures that others show. */
  readonly comesFirst?: true;
  /**
   * The files of the report.
   * @throws Failure where this machine lacks something for it
   */
  make(reported: Reported): Promise<readonly ReportFile[]>;
}
