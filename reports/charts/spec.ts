import type { CountedUnit } from '../../results/counted-figures.ts';
import type { Unit } from '../../results/schema.ts';
import type { Side } from '../change-text.ts';

/**
 * What a chart shows, as plain data: made once from a summary, drawn by Chart.js in the page and on node-canvas. All
 * ratios are of a figure to the baseline's, 1 being equal; texts are harmless but not yet escaped for HTML.
 */
export type ChartSpec =
  | OverheadSpec
  | DistributionSpec
  | CpuSpec
  | TradeOffSpec
  | HistorySpec
  | LinesSpec
  | PathSpec
  | IcicleSpec;

/** Whether the interval leaves "no difference" out, and on which side. */
export type Standing = Side | 'baseline' | 'none';

export type WitnessCode = 'p' | 'r' | 'u' | 'a';

/** One trial: [ratio to the baseline, value in the metric's unit, block, order, witness]. */
export type TrialDot = readonly [number, number, number, number, WitnessCode];

export interface OverheadRow {
  readonly name: string;
  /** ✓, !, ✗, ? or · as in the legend; empty for what was not run. */
  readonly mark: string;
  readonly standing: Standing;
  readonly ratio?: number;
  readonly lowRatio?: number;
  readonly highRatio?: number;
  /** Changes up to this ratio either way are tolerated; drawn as a band behind the row. */
  readonly toleratedRatio?: number;
  /** The figure itself: `11.1 Gbit/s`; empty where there is none. */
  readonly figure: string;
  /** How many trials there are where not all are drawn as dots. */
  readonly trialCount?: number;
  /** `−31 % [−35, −27]`, `baseline`, or `not supported here`. */
  readonly text: string;
  /** The same without the interval, for narrow screens. */
  readonly shortText: string;
  /** `worse`, `better`, `no difference shown`; empty where nothing was compared. */
  readonly word: string;
  readonly dots: readonly TrialDot[];
}

export interface OverheadSpec {
  readonly kind: 'overhead';
  readonly title: string;
  readonly unit: string;
  readonly baseline: string;
  /** Where worse figures stand; neither where no direction is better. */
  readonly worseSide?: 'left' | 'right';
  readonly rows: readonly OverheadRow[];
}

export interface DistributionSpec {
  readonly kind: 'distribution';
  readonly title: string;
  /**
   * Each line: [upper edge of a bucket in seconds, share of samples at or below it], ascending, up to the last share that
   * ten samples support.
   */
  readonly lines: readonly {
    readonly name: string;
    /** Number of its look (looks.ts). */
    readonly look: number;
    readonly points: readonly (readonly [number, number])[];
  }[];
  /** What it is one of the small charts of; they stand beside one another. */
  readonly group?: string;
  /** Ends of the axis of latency. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** The greatest share of any line, below 1. */
  readonly toShare: number;
}

export interface CpuSpec {
  readonly kind: 'cpu';
  readonly title: string;
  /** CPU seconds per GB, or per transaction. */
  readonly unit: 's/GB' | 's/transaction';
  readonly rows: readonly {
    readonly name: string;
    readonly user: number;
    readonly system: number;
    readonly softirq: number;
    /** Interval of their sum; absent for a single trial. */
    readonly low?: number;
    readonly high?: number;
  }[];
  /** End of the axis and its scale, where several charts share them. */
  readonly upTo?: number;
}

export interface TradeOffSpec {
  readonly kind: 'trade-off';
  readonly title: string;
  /** Levels of protection from none upwards. */
  readonly levels: readonly string[];
  readonly points: readonly {
    readonly name: string;
    readonly level: number;
    readonly ratio: number;
    readonly lowRatio?: number;
    readonly highRatio?: number;
    /** `11.1 Gbit/s`, and `−31 %` or `baseline`. */
    readonly figure: string;
    readonly change: string;
    readonly standing: Standing;
  }[];
  readonly worseSide: 'left' | 'right';
}

/** Lines over what was varied, or over time. */
export interface LinesSpec {
  readonly kind: 'lines';
  readonly title: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  /** What it is one of the small charts of; they stand beside one another. */
  readonly group?: string;
  /** Lines by which its axes go, where they shall be those of other charts too. */
  readonly axesOf?: LinesSpec['lines'];
  readonly lines: readonly {
    readonly name: string;
    /** Number of its look (looks.ts). */
    readonly look: number;
    /** Ascending; an interval where there is one. */
    readonly points: readonly {
      readonly x: number;
      readonly y: number;
      readonly low?: number;
      readonly high?: number;
    }[];
  }[];
  /** Stretches of the horizontal axis that have a name. */
  readonly spans: readonly { readonly from: number; readonly to: number; readonly name: string }[];
}

export interface AxisSpec {
  readonly title: string;
  readonly unit: Unit;
  readonly isLogarithmic: boolean;
}

export interface HistorySpec {
  readonly kind: 'history';
  readonly title: string;
  /** What the points are: ratios to the baseline, or medians in a unit. */
  readonly follows: 'ratio' | Unit;
  readonly points: readonly {
    /** Run id, and its label where it has one. */
    readonly run: string;
    readonly label: string;
    readonly startedAt: string;
    readonly value: number;
    readonly low?: number;
    readonly high?: number;
  }[];
  /** Where the figure seems to have changed: between the points before and at `at`. */
  readonly changes: readonly { readonly at: number; readonly text: string; readonly isWorse: boolean }[];
}

/** Where the instructions of a unit of work go: a stacked bar per network. In counted time. */
export interface PathSpec {
  readonly kind: 'path';
  readonly title: string;
  readonly unit: CountedUnit;
  /** Parts of the path in the order in which they stand in a bar. */
  readonly parts: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    /** Instructions per unit of each part. */
    readonly values: readonly number[];
    readonly total: number;
  }[];
}

/** One figure's parts and functions, each as long as its instructions, coloured by their change. In counted time. */
export interface IcicleSpec {
  readonly kind: 'icicle';
  readonly title: string;
  readonly unit: CountedUnit;
  readonly name: string;
  /** What it is compared with. */
  readonly against: string;
  readonly total: number;
  /** Instructions more than there, per unit; absent of a function where that is not known. */
  readonly difference: number;
  readonly groups: readonly {
    readonly name: string;
    readonly value: number;
    readonly difference: number;
    readonly functions: readonly {
      readonly name: string;
      readonly value: number;
      readonly difference?: number;
    }[];
  }[];
}
