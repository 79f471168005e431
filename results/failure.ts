/**
 * What went wrong, why, and what to do about it. Thrown from the rim and turned into one line of text and an exit
 * code in one place (cli.ts).
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    /** `usage`: exit 2, nothing was started. `infrastructure`: exit 4. */
    readonly kind: 'usage' | 'infrastructure',
    message: string,
    /** What the person can do, as an imperative sentence. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
