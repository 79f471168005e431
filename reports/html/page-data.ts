import type { GateResult } from '../../results/gate.ts';
import type { JsonOutput } from '../../results/json-output.ts';
import type { ChartSpec, OverheadSpec } from '../charts/spec.ts';
import type { MetricView } from '../charts/views.ts';
import type { CompactTrials } from './compact-trials.ts';

/** What the program in the page works with; all of it stands in the page. */
export interface PageData {
  readonly run: string;
  /** Stem of the names of downloads: letters, digits, dashes. */
  readonly fileStem: string;
  readonly views: readonly MetricView[];
  /** View key → a chart per topology, in the order of the page's panels. */
  readonly overhead: Readonly<Record<string, readonly OverheadSpec[]>>;
  /** Charts by the id of their canvas. */
  readonly charts: Readonly<Record<string, ChartSpec>>;
  /** What the JSON download holds; absent where the page offers none. */
  readonly json?: JsonOutput | GateResult;
  readonly trials: CompactTrials;
  /** What the figures of the trials were read from. */
  readonly clock?: 'wall' | 'counted';
}

/** Id of the script element that holds it. */
export const pageDataId = 'tare-data';
