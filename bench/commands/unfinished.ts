/** What ended a run that has a record, which can be gone on with. */
export class Unfinished extends Error {
  override readonly name = 'Unfinished';
  constructor(
    readonly runId: string,
    /** What ended it. */
    override readonly cause: unknown,
  ) {
    super(`run ${runId} is not finished`);
  }
}
