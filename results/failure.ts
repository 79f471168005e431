/**
 * What went wrong, why, and what to do about it. Thrown from the rim and turned into one line of text and an exit
 * code in one place (cli.ts).
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Whether the remedy ends in how a run that this ended is gone on with, so that nobody need add it. */
  readonly saysHowToGoOn: boolean;
  constructor(
    /** `usage`: exit 2, nothing was started. `infrastructure`: exit 4. */
    readonly kind: 'usage' | 'infrastructure',
    message: string,
    /** What the person can do, as an imperative sentence. */
    readonly remedy: string,
    options: ErrorOptions & { readonly saysHowToGoOn?: boolean } = {},
  ) {
    super(message, options);
    this.saysHowToGoOn = options.saysHowToGoOn === true;
  }
}

/** An error in one line, with what to do about it where that is known: for records and warnings, which keep no more. */
export function describeFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof Failure ? `${text.replace(/\.$/, '')}. ${error.remedy}` : text;
}
