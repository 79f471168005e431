import type { Flags } from '../config/flags.ts';
import type { GateFlags } from '../config/gate-config.ts';

/** What `tare gate` was asked. */
export interface GateCommandOptions extends GateFlags {
  /** Measure first, by the profile `gate`, what the baseline holds; implied by a counted machine among the flags. */
  readonly measure?: boolean;
  /** Of the run that is measured. */
  readonly flags?: Flags;
  readonly wait?: boolean | undefined;
  readonly insecureTcp?: boolean | undefined;
  readonly labOnUserEngine?: boolean | undefined;
  /** The stored run or baseline file to judge against; without it the run must be a live comparison. */
  readonly baseline?: string;
  /** In counted time: passes nothing that differs by more than repeated trials do. */
  readonly anyChange?: boolean;
  /** In counted time: compares machines of two recipes. */
  readonly acrossRecipes?: boolean;
  readonly config?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly json?: boolean;
}
