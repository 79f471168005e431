import { Failure } from '../../results/failure.ts';

/** An error in one line, with what to do about it where that is known. */
export function describeFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof Failure ? `${text.replace(/\.$/, '')}. ${error.remedy}` : text;
}
