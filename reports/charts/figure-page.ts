import type { Answer } from '../answers.ts';
import type { ChartSpec } from './spec.ts';

/** A picture that stands alone: it says what it shows, how sure that is and where it comes from. */
export interface FigurePage {
  readonly file: string;
  readonly title: string;
  readonly alt: string;
  /** Questions that the picture answers, under its title. */
  readonly answers: readonly Answer[];
  readonly remarks: readonly string[];
  readonly charts: readonly ChartSpec[];
  readonly footer: readonly string[];
}
