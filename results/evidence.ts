import { z } from 'zod';

/** What was found about one claim of the guide. Without an observation there is no verdict. */
export const evidenceSchema = z.discriminatedUnion('verdict', [
  z.strictObject({
    /** Number of the claim in the guide's list. */
    claim: z.number().int().positive(),
    verdict: z.enum(['confirmed', 'refuted']),
    /** What was done and seen, a sentence each. */
    observations: z.array(z.string().min(1)).min(1),
  }),
  z.strictObject({
    claim: z.number().int().positive(),
    verdict: z.literal('not-tested'),
    /** Why not, as a sentence. */
    reason: z.string().min(1),
    /** What was seen nevertheless. */
    observations: z.array(z.string().min(1)),
  }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;

/** One thing that must be true if a claim is: what was tried, and whether it went as the claim says. */
export interface Finding {
  readonly text: string;
  readonly agrees: boolean;
}

/**
 * Confirmed where every finding agrees with the claim, refuted where one does not.
 * @param notes seen besides, but deciding nothing
 */
export function evidenceOf(
  claim: number,
  findings: readonly [Finding, ...Finding[]],
  notes: readonly string[] = [],
): Evidence {
  return {
    claim,
    verdict: findings.every((finding) => finding.agrees) ? 'confirmed' : 'refuted',
    observations: [...findings.map((finding) => finding.text), ...notes],
  };
}

export function notTested(claim: number, reason: string, findings: readonly Finding[] = []): Evidence {
  return { claim, verdict: 'not-tested', reason, observations: findings.map((finding) => finding.text) };
}
