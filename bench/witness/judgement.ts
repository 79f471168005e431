/** One judged expectation. `unread`: the figure is missing, so nothing is known. */
export interface Judgement {
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly outcome: 'holds' | 'fails' | 'unread';
  /** For `fails`: what it means, to be read after the scenario's id and a colon. */
  readonly meaning: string;
}
